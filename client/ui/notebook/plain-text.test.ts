import { expect, it } from "vitest";
import { printDisplay } from "#core/notebook/output/display.ts";
import { plainText } from "./plain-text.ts";

it("keeps the words and leaves out how they looked", () => {
  const shown = printDisplay({ hash: "0f".repeat(32), size: 1, mime: "image/png", name: "a b.png" });
  expect(plainText(`\u001B[1;31mred\u001B[0m\r\n\u001B]0;title\u0007next\u001B(B ${shown}\r\nÄ\n`)).toBe(
    "red\nnext [a b.png]\nÄ\n",
  );
});
