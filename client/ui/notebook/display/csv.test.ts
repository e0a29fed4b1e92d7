import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isNumber, parseCsv } from "./csv.ts";

it("reads rows, quotes and line breaks inside them", () => {
  expect(parseCsv('name,says\r\nAna,"a ""quoted"", long\nword"\r\nBo,\r\n', 10, 10)).toEqual({
    header: ["name", "says"],
    rows: [
      ["Ana", 'a "quoted", long\nword'],
      ["Bo", ""],
    ],
    count: 2,
    columns: 2,
  });
});

it("finds semicolons and tabs", () => {
  expect(parseCsv("a;b,c;d\n1;2;3", 10, 10).rows).toEqual([["1", "2", "3"]]);
  expect(parseCsv("a\tb\n1\t2,5", 10, 10).rows).toEqual([["1", "2,5"]]);
});

it("keeps as much as it may, and counts the rest", () => {
  const text = Array.from({ length: 1001 }, (_, row) => Array.from({ length: 40 }, () => row).join(",")).join(
    "\n",
  );
  const table = parseCsv(text, 5, 3);
  expect(table).toMatchObject({ header: ["0", "0", "0"], count: 1000, columns: 40 });
  expect(table.rows).toHaveLength(5);
  expect(table.rows.at(-1)).toEqual(["5", "5", "5"]);
});

it("reads back what is written by the rules", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", " ", "é"), maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      (rows) => {
        const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
        const text = `x,y\n${rows.map((row) => row.map(quote).join(",")).join("\n")}\n`;
        expect(parseCsv(text, 100, 100).rows).toEqual(rows);
      },
    ),
  );
});

it("ends on any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "x"), maxLength: 40 }), (text) => {
      const { header, rows, count } = parseCsv(text, 100, 100);
      expect(rows.length + (header.length > 0 ? 1 : 0)).toBeLessThanOrEqual(count + 1);
    }),
  );
});

it("tells numbers from words", () => {
  for (const yes of ["1", "-2.5", "1,234.5", "12 %", "1e-9", ".5"]) expect(isNumber(yes)).toBe(true);
  for (const no of ["", "a1", "1 apple", "2024-01-01", "-"]) expect(isNumber(no)).toBe(false);
});
