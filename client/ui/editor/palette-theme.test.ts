// Monaco's tokens in the colours of the interface.

import { expect, it } from "vitest";
import { paletteEntry } from "./palette-theme.ts";

it("gives a token the colour of the longest scope that it begins with", () => {
  expect(paletteEntry("")).toBe("ink");
  expect(paletteEntry("keyword.flow.python")).toBe("syntax-keyword");
  expect(paletteEntry("string.escape.python")).toBe("syntax-number");
  expect(paletteEntry("string.python")).toBe("syntax-string");
  expect(paletteEntry("type.identifier")).toBe("syntax-type");
  expect(paletteEntry("keywords")).toBe("ink");
  expect(paletteEntry("white.python")).toBe("ink");
});
