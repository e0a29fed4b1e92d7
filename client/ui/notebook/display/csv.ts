// Comma-separated values as rows, a bounded number of them. Pure.

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that there are, the header not among them. */
  readonly count: number;
  /** Columns of the longest row. */
  readonly columns: number;
}

const separators = [",", ";", "\t"] as const;

/** The separator that the first line has most of. */
function separatorOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text)?.[0].replaceAll(/"[^"]*"/g, "") ?? "";
  const counts = separators.map((separator) => line.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** RFC 4180, and what people write instead. Keeps `rowLimit` rows of `columnLimit` fields; counts the others. */
export function parseCsv(text: string, rowLimit: number, columnLimit: number): Table {
  const source = text.replace(/^\uFEFF/, "");
  const separator = separatorOf(source);
  const kept: string[][] = [];
  let count = 0;
  let columns = 0;
  let row: string[] = [];
  let width = 0;
  const field = (value: string): void => {
    width += 1;
    if (count <= rowLimit && width <= columnLimit) row.push(value);
  };
  const endRow = (): void => {
    const blank = width === 1 && (row[0] ?? "") === "" && count <= rowLimit;
    if (!blank) {
      columns = Math.max(columns, width);
      if (count <= rowLimit) kept.push(row);
      count += 1;
    }
    row = [];
    width = 0;
  };
  const piece = new RegExp(`"([^"]*(?:""[^"]*)*)"?([^${separator}\\r\\n]*)|([^${separator}\\r\\n]*)`, "y");
  let at = 0;
  while (at < source.length) {
    piece.lastIndex = at;
    const [whole = "", quoted, rest = "", plain = ""] = piece.exec(source) ?? [];
    field(quoted === undefined ? plain : quoted.replaceAll('""', '"') + rest);
    at += whole.length;
    if (source[at] === separator) {
      at += 1;
      // A separator at the very end has an empty field behind it.
      if (at === source.length) field("");
    } else {
      endRow();
      at += source.startsWith("\r\n", at) ? 2 : 1;
    }
  }
  if (width > 0) endRow();
  const [header = [], ...rows] = kept;
  return { header, rows, count: Math.max(0, count - 1), columns };
}

/** Such columns stand right. */
export function isNumber(value: string): boolean {
  return /^\s*[-+−]?(?:\d[\d\s,.'_]*|\.\d+)(?:e[-+]?\d+)?\s*%?$/i.test(value);
}
