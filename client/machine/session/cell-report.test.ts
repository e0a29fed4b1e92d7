import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { CellReportReader, encodeDirectory, printCellReport, type CellReport } from "./cell-report.ts";

const nonce = "0123456789abcdef0123456789abcdef";

/** What a stream brings: output joined, so that cuts do not show. */
function readAll(pieces: readonly Uint8Array[]): (string | CellReport)[] {
  const reader = new CellReportReader(nonce);
  const found: (string | CellReport)[] = [];
  let output: Uint8Array[] = [];
  const flush = (): void => {
    const data = concatBytes(output);
    output = [];
    if (data.length > 0) found.push([...data].map((byte) => String.fromCharCode(byte)).join(""));
  };
  for (const piece of pieces)
    for (const part of reader.read(piece)) {
      if (part.kind === "output") output.push(part.data);
      else {
        flush();
        found.push(part);
      }
    }
  output.push(reader.flush());
  flush();
  return found;
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const report: fc.Arbitrary<CellReport> = fc.oneof(
  fc.record({ kind: fc.constant("start" as const), cell: fc.nat(1e6) }),
  fc.record({
    kind: fc.constant("end" as const),
    cell: fc.nat(1e6),
    code: fc.nat(255),
    cwd: fc.string({
      unit: fc.oneof(
        fc.constantFrom("%", "\n", "\x1b", "\x07", "/", ";", "2", "5"),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
    }),
  }),
);
/** Output that likes to look like a report. */
const output = fc
  .array(
    fc.oneof(
      fc.constantFrom("\x1b", "\x1b]", "\x1b]6973;", "\x1b]6973;beef;1;0;/x\x07", "\x07", ";"),
      fc.string(),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));

describe("reports in a stream", () => {
  it("[CELL-2] are found in order and stripped, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(output, report), { maxLength: 6 }),
        output,
        fc.array(fc.nat(), { maxLength: 12 }),
        (parts, tail, cuts) => {
          const expected: (string | CellReport)[] = [];
          let text = "";
          for (const [before, made] of parts) {
            if (before !== "") expected.push(before);
            expected.push(made);
            text += before + printCellReport(nonce, made);
          }
          if (tail !== "") expected.push(tail);
          text += tail;
          const found = readAll(cut(encodeUtf8(text), cuts)).map((part) =>
            typeof part === "string"
              ? decodeUtf8Lossy(Uint8Array.from(part, (character) => character.charCodeAt(0)))
              : part,
          );
          expect(found).toEqual(
            expected.map((part) =>
              typeof part === "string" ? decodeUtf8Lossy(encodeUtf8(part)) : well(part),
            ),
          );
        },
      ),
    );
  });

  it("[CELL-2] keeps what has another nonce, or is none, as output", () => {
    const text = `a\x1b]6973;${"f".repeat(32)};1;0;/\x07b\x1b]6973;${nonce};x\x07c`;
    expect(readAll([encodeUtf8(text)])).toEqual([text]);
  });

  it("[CELL-2] does not hold output for ever for a report that never ends", () => {
    const reader = new CellReportReader(nonce);
    const text = `\x1b]6973;${nonce};1;0;${"x".repeat(20_000)}`;
    const parts = reader.read(encodeUtf8(text));
    expect(parts.length).toBe(1);
  });

  it("holds no output but what may be a report", () => {
    const reader = new CellReportReader(nonce);
    expect(
      reader
        .read(encodeUtf8("abc\x1b[31mred\x1b"))
        .map((part) => part.kind === "output" && decodeUtf8Lossy(part.data)),
    ).toEqual(["abc\x1b[31mred"]);
    expect(reader.flush()).toEqual(encodeUtf8("\x1b"));
  });
});

it("[CELL-1] writes a directory as one word", () => {
  expect(encodeDirectory("/project/a b/ü%\n")).toBe("/project/a%20b/%C3%BC%25%0A");
});

/** A lone surrogate does not survive UTF-8. */
function well(part: CellReport): CellReport {
  return part.kind === "start" ? part : { ...part, cwd: decodeUtf8Lossy(encodeUtf8(part.cwd)) };
}
