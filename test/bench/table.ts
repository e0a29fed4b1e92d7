// A bench's result: every line compares two things measured in the same run, because only ratios travel between computers.

export interface Line {
  readonly what: string;
  /** ms */
  readonly measured: number;
  readonly against: string;
  /** ms */
  readonly reference: number;
}

function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

/** "12× faster", "1.4× slower". */
function ratio({ measured, reference }: Line): string {
  const faster = reference >= measured;
  const factor = faster ? reference / Math.max(measured, 0.001) : measured / Math.max(reference, 0.001);
  return `${factor >= 10 ? Math.round(factor) : factor.toFixed(1)}× ${faster ? "faster" : "slower"}`;
}

export function printTable(lines: readonly Line[]): string {
  const rows = [
    ["", "measured", "against", "", "ratio"],
    ...lines.map((line) => [
      line.what,
      milliseconds(line.measured),
      line.against,
      milliseconds(line.reference),
      ratio(line),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          // Words to the left, figures to the right.
          column === 1 || column >= 3 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
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
