import * as fc from "fast-check";
import { expect, it } from "vitest";
import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import {
  type DisplayItem,
  displayBlobs,
  displaysIn,
  parseDisplay,
  printDisplay,
  trimToMarkers,
} from "./display.ts";
import { OutputLog, trimToCharacters } from "./log.ts";

const hash = "0123456789abcdef".repeat(4);
const chart: DisplayItem = { hash, size: 2048, mime: "image/png", name: "chart.png" };

it("[NB-60] is a marker in the output", () => {
  expect(printDisplay(chart)).toBe(`\u001B]6973;display;${hash};2048;image/png;chart.png\u0007`);
  expect(parseDisplay(printDisplay(chart))).toEqual(chart);
  expect(parseDisplay(printDisplay(chart).replace("\u0007", "\u001B\\"))).toEqual(chart);
});

it("[NB-60] carries any file name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      const name = text.replaceAll(/\p{Cc}/gu, "");
      const printed = printDisplay({ ...chart, name });
      // oxlint-disable-next-line no-control-regex -- nothing else may end it
      expect(printed.slice(1, -1)).not.toMatch(/[\u0007\u001B]/);
      expect(parseDisplay(printed)?.name).toBe(name);
    }),
  );
});

it("[NB-60] is nothing where a part of it is no good", () => {
  for (const bad of [
    printDisplay({ ...chart, hash: hash.slice(1) }),
    printDisplay({ ...chart, mime: "image" }),
    printDisplay({ ...chart, size: -1 }),
    printDisplay(chart).slice(0, -1),
    "\u001B]0;title\u0007",
  ])
    expect(parseDisplay(bad)).toBeUndefined();
});

it("[NB-60] keeps a name on one line", () => {
  expect(parseDisplay(printDisplay({ ...chart, name: "a\n\u001Bb" }))?.name).toBe("a\uFFFD\uFFFDb");
});

it("[NB-61] is whole or left out, wherever output is cut", () => {
  const marker = printDisplay(chart);
  const text = `before é ${marker}between\u0007 ${marker}${marker} after é\u0007 end`;
  const bytes = encodeUtf8(text);
  const log = new OutputLog(bytes.length, bytes.length);
  log.append(bytes);
  for (let head = 0; head < bytes.length; head++)
    for (const tailLength of [0, 1, 20, 60, 100, 117, 130, 200, 260]) {
      if (head + tailLength >= bytes.length) continue;
      const cut = trimToMarkers(trimToCharacters(log.excerpt(head, tailLength)));
      const first = decodeUtf8Lossy(cut.head);
      const last = decodeUtf8Lossy(cut.tail);
      expect(text.startsWith(first)).toBe(true);
      expect(text.endsWith(last)).toBe(true);
      expect(cut.omitted).toBe(bytes.length - cut.head.length - cut.tail.length);
      for (const piece of [first, last])
        expect(piece.split("6973;display").length - 1).toBe(displaysIn(piece).length);
      expect(last).not.toMatch(/^[0-9a-f;]*\d;image|^\w*\.png\x07/); // oxlint-disable-line no-control-regex -- a marker's rest
    }
});

it("[NB-61] leaves other sequences and bells alone", () => {
  const bytes = encodeUtf8("\u001B[31mred\u0007 \u001B]0;title\u0007 done\u0007 more");
  const log = new OutputLog(100, 100);
  log.append(bytes);
  for (let length = 1; length < bytes.length; length++) {
    const cut = trimToMarkers(log.excerpt(0, length));
    expect(decodeUtf8Lossy(concatBytes([cut.tail]))).toBe(decodeUtf8Lossy(bytes.slice(-length)));
  }
});

it("[NB-62] names each blob once", () => {
  const other = { ...chart, hash: "f".repeat(64) };
  const text = `x${printDisplay(chart)}y${printDisplay(other)}${printDisplay(chart)}`;
  expect(displayBlobs(text)).toEqual([
    { hash, size: 2048 },
    { hash: other.hash, size: 2048 },
  ]);
});
