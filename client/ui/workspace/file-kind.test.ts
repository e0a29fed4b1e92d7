// What the viewer says of bytes.

import { expect, it } from "vitest";
import { sizeWords } from "#ui/kit/size-words.ts";
import { hexRows, kindOfFile } from "./file-kind.ts";

const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

it("knows pictures by their bytes, whatever they are called", () => {
  expect(kindOfFile("holiday", 100, latin("\x89PNG\r\n\x1a\n"))).toMatchObject({ type: "image/png" });
  expect(kindOfFile("lies.png", 100, latin("\x7fELF\x02"))).toMatchObject({ label: "Linux program" });
});

it("shows text that the editor does not take, and says why", () => {
  expect(kindOfFile("a.txt", 5, latin("caf\xe9\n"))).toMatchObject({ kind: "text", text: "café\n" });
  expect(kindOfFile("a.log", 5_000_000, new TextEncoder().encode("line\n"))).toMatchObject({
    label: "Large text",
  });
  expect(kindOfFile("a.txt", 6, latin("a\r\nb\n"))).toMatchObject({ label: "Text" });
});

it("does not mistake a letter that is cut apart for another encoding", () => {
  const whole = new TextEncoder().encode("ééé");
  expect(kindOfFile("a.txt", 2_000_000, whole.subarray(0, 5))).toMatchObject({ text: "éé" });
});

it("names the rest by their suffix", () => {
  expect(kindOfFile("a.dat", 3, latin("\0\x01\x02"))).toEqual({ kind: "binary", label: "DAT file" });
  expect(kindOfFile("a", 0, latin(""))).toEqual({ kind: "binary", label: "Binary file" });
});

it("writes bytes in rows and sizes in words", () => {
  expect(hexRows(latin("0123456789abcdef\0A"))).toBe(
    [
      "000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef",
      `000010  00 41${" ".repeat(18)}  ${" ".repeat(23)}  ·A`,
    ].join("\n"),
  );
  expect([sizeWords(1), sizeWords(999), sizeWords(1400), sizeWords(999_999)]).toEqual([
    "1 byte",
    "999 bytes",
    "1.4 kB",
    "1.0 MB",
  ]);
});
