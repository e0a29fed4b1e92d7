// Initials and legible text on people's colours.

import { expect, it } from "vitest";
import { initials, textOn } from "./color.ts";

it("takes the first letters of the first and last word, whole graphemes", () => {
  expect(initials("Amber Otter")).toBe("AO");
  expect(initials("ana maria lópez")).toBe("AL");
  expect(initials("Zoë")).toBe("ZO");
  expect(initials("👩‍🚀 Kim")).toBe("👩‍🚀K");
  expect(initials("  ")).toBe("?");
});

it("chooses the text that contrasts more", () => {
  expect(textOn("#ffffff")).toBe("#000000");
  expect(textOn("#f2c14e")).toBe("#000000");
  expect(textOn("#1a1a60")).toBe("#ffffff");
  expect(textOn("not a colour")).toBe("#ffffff");
});
