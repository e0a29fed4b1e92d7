import { expect, it } from "vitest";
import { cssColour } from "./css-colour.ts";

it("maps palette entries to the theme, the cube and the greys", () => {
  expect(cssColour(1)).toBe("var(--ansi-1)");
  expect(cssColour(16)).toBe("rgb(0 0 0)");
  expect(cssColour(231)).toBe("rgb(255 255 255)");
  expect(cssColour(232)).toBe("rgb(8 8 8)");
});
