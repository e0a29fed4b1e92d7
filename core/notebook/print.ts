// Cells put together to one file: what stood between two cells stays exactly, as long as they stay neighbours.
// Knows nothing of Yjs.

import type { CellKind, Gap } from "./cell.ts";
import { kindOfInfo, parseFence } from "#core/notebook/markdown/fence.ts";
import { topLevelBlocks } from "#core/notebook/markdown/blocks.ts";
import { cellSeparator } from "./parse.ts";

export interface CellText {
  readonly id: string;
  readonly kind: CellKind;
  readonly text: string;
  /** `text` is the very slice that the cell was read from. */
  readonly exact: boolean;
  readonly gap?: Gap | undefined;
}

/** Cells without text are left out. */
export function printNotebook(cells: readonly CellText[], tail: Gap | undefined): string {
  let whole = "";
  let previous: CellText | undefined;
  for (const cell of cells) {
    if (cell.text === "") continue;
    const sameNeighbour = cell.gap?.[0] === (previous?.id ?? "");
    const gap = sameNeighbour ? (cell.gap?.[1] ?? "") : defaultGap(previous, cell);
    if (previous === undefined) whole += gap;
    else if (sameNeighbour && previous.exact) whole += gap;
    else whole += closeCell(previous, gap);
    whole += cell.text;
    previous = cell;
  }
  if (tail?.[0] === (previous?.id ?? "")) return whole + tail[1];
  return previous === undefined ? whole : `${whole}\n`;
}

function defaultGap(previous: CellText | undefined, cell: CellText): string {
  if (previous === undefined) return "";
  return previous.kind === "text" && cell.kind === "text" ? `\n\n${cellSeparator}\n\n` : "\n\n";
}

/** What ends blocks of Markdown that would otherwise swallow the next cell. */
const closers = [
  "",
  "\n-->",
  "\n?>",
  "\n]]>",
  "\n</script>",
  "\n</style>",
  "\n</pre>",
  "\n</textarea>",
  "\n>",
];

/** The gap, with an end before it for whatever the cell left open. */
function closeCell(cell: CellText, gap: string): string {
  if (cell.kind !== "text") {
    const fence = parseFence(cell.text);
    return fence === undefined || fence.closed ? gap : `\n${fence.marker.repeat(fence.length)}\n${gap}`;
  }
  // Only HTML and fences can stay open.
  if (!/[<`~]/.test(cell.text)) return gap;
  for (const closer of [...closers, ...openFence(cell.text)])
    for (const space of [gap, `\n\n${gap}`]) if (isClosed(cell.text + closer + space)) return closer + space;
  return gap;
}

function openFence(text: string): string[] {
  const last = topLevelBlocks(text).at(-1);
  const fence = last?.node.type === "code" ? parseFence(text.slice(last.start, last.end)) : undefined;
  return fence === undefined || fence.closed ? [] : [`\n${fence.marker.repeat(fence.length)}`];
}

function isClosed(text: string): boolean {
  const probe = "```sh\nprobe\n```";
  const last = topLevelBlocks(text + probe).at(-1);
  if (last?.node.type !== "code" || last.start !== text.length) return false;
  return kindOfInfo(last.node.lang ?? "") === "sh" && last.node.value === "probe";
}
