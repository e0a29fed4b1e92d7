// A table that a program shows: the beginning of it, and how much more there is.

import { isNumber, parseCsv } from "./csv.ts";

/** More than anybody reads under a cell; the file itself is one click away. */
const shownRows = 200;
const shownColumns = 40;

export function TableDisplay({ text, name }: { readonly text: string; readonly name: string }) {
  const { header, rows, count, columns } = parseCsv(text, shownRows, shownColumns);
  const numeric = header.map((_, column) => {
    const values = rows.map((row) => row[column] ?? "").filter((value) => value !== "");
    return values.length > 0 && values.every(isNumber);
  });
  const left = [
    count > rows.length ? `${(count - rows.length).toLocaleString("en")} more rows` : "",
    columns > shownColumns ? `${columns - shownColumns} more columns` : "",
  ].filter((part) => part !== "");
  return (
    <>
      <div class="display-scroll display-table" tabIndex={0} role="group" aria-label={name}>
        <table>
          <thead>
            <tr>
              {header.map((title, column) => (
                <th key={column} scope="col" data-numeric={numeric[column]}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.map((value, column) => (
                  <td key={column} data-numeric={numeric[column]}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left.length === 0 ? null : <p class="display-note">{left.join(", ")} in the file</p>}
    </>
  );
}
