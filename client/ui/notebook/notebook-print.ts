// What CSS alone cannot know when a notebook is printed: which cells fit on a page, which outputs are too long for
// paper, where links lead. Works on the notebook as it stands on the page.

import type { Disposer } from "#core/base/disposable.ts";

/** Lines of one output on paper, some ten pages; print.css has the same number. */
const mostLines = 500;
/** Pixels of a page that a program shows: it cannot flow from sheet to sheet. print.css has the same number. */
const highestFrame = 4000;
/** Columns of a table from which its type is smaller, and smallest. */
const manyColumns = 8;
const mostColumns = 16;
/** Pixels: an A4 page between its margins, less the head. What is higher cannot stay together. */
const pageHeight = 900;

export function prepareNotebook(root: HTMLElement): Disposer {
  const undo: Disposer[] = [];
  const mark = (element: HTMLElement, name: string, value: string): void => {
    element.dataset[name] = value;
    undo.push(() => delete element.dataset[name]);
  };
  const note = (after: HTMLElement, words: string): void => {
    const element = document.createElement("p");
    element.className = "print-note";
    element.textContent = words;
    after.after(element);
    undo.push(() => element.remove());
  };
  for (const link of root.querySelectorAll<HTMLAnchorElement>(".prose a[href]"))
    if (/^https?:/.test(link.href) && link.textContent !== link.getAttribute("href"))
      mark(link, "printAddress", link.getAttribute("href") ?? "");
  for (const table of root.querySelectorAll("table")) {
    const columns = table.rows[0]?.cells.length ?? 0;
    if (columns > manyColumns) mark(table, "printColumns", columns > mostColumns ? "most" : "many");
  }
  for (const frame of root.querySelectorAll<HTMLElement>(".display-frame"))
    if (Number.parseInt(frame.style.getPropertyValue("--whole"), 10) > highestFrame)
      note(frame, `The rest of ${frame.title} is not printed.`);
  for (const log of root.querySelectorAll<HTMLElement>(".output-log")) {
    const lines = log.childElementCount;
    if (lines <= mostLines) continue;
    mark(log, "printCut", "true");
    note(log, `${(lines - mostLines).toLocaleString("en")} more lines of output are not printed.`);
  }
  for (const cell of root.querySelectorAll<HTMLElement>(".cell"))
    if (printedHeight(cell) > pageHeight) mark(cell, "printLong", "true");
  return () => {
    for (const each of undo) each();
  };
}

/** About the height that a cell has on paper, where its outputs are not folded. */
function printedHeight(cell: HTMLElement): number {
  const cut = [
    ...cell.querySelectorAll<HTMLElement>(".output[data-hidden=true], .output-log, .display-scroll"),
  ];
  return cut.reduce(
    (height, each) => height + Math.max(0, each.scrollHeight - each.clientHeight),
    cell.offsetHeight,
  );
}
