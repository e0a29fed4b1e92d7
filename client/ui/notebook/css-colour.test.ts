import { expect, it } from "vitest";
import { hexOf } from "./css-colour.ts";

it("leaves the 16 colours to the theme, and knows the cube and the greys", () => {
  expect(hexOf(1)).toBeUndefined();
  expect(hexOf(16)).toBe("#000000");
  expect(hexOf(231)).toBe("#ffffff");
  expect(hexOf(232)).toBe("#080808");
  expect(hexOf("#123456")).toBe("#123456");
});
