// A bench's result: every line compares two things measured in the same run, because only ratios travel between computers.

export interface Line {
  readonly what: string;
  readonly measured: number;
  readonly against: string;
  readonly reference: number;
  /** ms where it is left out. */
  readonly unit?: "bytes";
}

function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

function bytes(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)} MB`;
  return value >= 1000 ? `${(value / 1000).toFixed(1)} kB` : `${Math.round(value)} B`;
}

/** "12× faster", "1.4× slower"; of bytes, "smaller" and "larger". */
function ratio({ measured, reference, unit }: Line): string {
  const less = reference >= measured;
  const factor = less ? reference / Math.max(measured, 0.001) : measured / Math.max(reference, 0.001);
  const word = unit === "bytes" ? (less ? "smaller" : "larger") : less ? "faster" : "slower";
  return `${factor >= 10 ? Math.round(factor) : factor.toFixed(1)}× ${word}`;
}

function quantity({ unit }: Line, value: number): string {
  return unit === "bytes" ? bytes(value) : milliseconds(value);
}

export function printTable(lines: readonly Line[]): string {
  return printRows([
    ["", "measured", "against", "", "ratio"],
    ...lines.map((line) => [
      line.what,
      quantity(line, line.measured),
      line.against,
      quantity(line, line.reference),
      ratio(line),
    ]),
  ]);
}

/** In columns: words to the left, figures to the right. */
export function printRows(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const isFigure = (column: number): boolean => /^[\d-]/.test(rows[1]?.[column] ?? "");
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          isFigure(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
