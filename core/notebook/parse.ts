// A notebook's Markdown cut into cells, every character kept: gap, cell, gap, cell, …, tail.
// Knows nothing of Yjs, nor of what is inside prose.

import { topLevelBlocks } from "#core/notebook/markdown/blocks.ts";
import {
  type CodeKind,
  inertInfo,
  kindOfInfo,
  parseFence,
  parseInfo,
} from "#core/notebook/markdown/fence.ts";

interface ParsedBase {
  /** The cell exactly as written. */
  readonly printed: string;
  /** Exactly what stands between the cell before (or the start) and this one. */
  readonly gap: string;
}

interface ParsedProse extends ParsedBase {
  readonly kind: "text";
}

interface ParsedCode extends ParsedBase {
  readonly kind: CodeKind;
  /** From the fence's attributes. Not unique where somebody copied a cell. */
  readonly id?: string;
  readonly name?: string;
  readonly source: string;
}

export type ParsedCell = ParsedProse | ParsedCode;

export interface ParsedNotebook {
  readonly cells: readonly ParsedCell[];
  /** What stands behind the last cell. */
  readonly tail: string;
}

/** Between two prose cells: without it they would be read as one. Renders as nothing everywhere. */
export const cellSeparator = "<!-- cell -->";

export function isCellId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}

/** Reads any text; there is no invalid notebook. */
export function parseNotebook(markdown: string): ParsedNotebook {
  const cells: ParsedCell[] = [];
  let printedTo = 0;
  let prose: { start: number; end: number } | undefined;

  const take = (start: number, end: number): ParsedBase => {
    const base = { printed: markdown.slice(start, end), gap: markdown.slice(printedTo, start) };
    printedTo = end;
    return base;
  };
  const endProse = (): void => {
    if (prose !== undefined) cells.push({ kind: "text", ...take(prose.start, prose.end) });
    prose = undefined;
  };

  for (const { node, start, end } of topLevelBlocks(markdown)) {
    if (node.type === "html" && node.value === cellSeparator) {
      endProse();
      continue;
    }
    const fence = node.type === "code" ? parseFence(markdown.slice(start, end)) : undefined;
    const kind = fence === undefined ? undefined : kindOfInfo(fence.info);
    if (fence === undefined || kind === undefined) {
      prose = { start: prose?.start ?? start, end };
      continue;
    }
    endProse();
    const { attributes } = parseInfo(fence.info);
    const id = attributes.get("id");
    const name = attributes.get("name");
    cells.push({
      kind,
      source: fence.source,
      ...(id !== undefined && isCellId(id) ? { id } : {}),
      ...(name === undefined ? {} : { name }),
      ...take(start, end),
    });
  }
  endProse();
  return { cells, tail: markdown.slice(printedTo) };
}

/** The same text as one prose cell: what would be a cell of its own is only shown. Without empty lines around. */
export function inertProse(markdown: string): string {
  const blocks = topLevelBlocks(markdown);
  let text = "";
  let done = blocks[0]?.start ?? 0;
  for (const { node, start, end } of blocks) {
    const block = markdown.slice(start, end);
    const fence = node.type === "code" ? parseFence(block) : undefined;
    text += markdown.slice(done, start);
    if (node.type === "html" && node.value === cellSeparator) text += shownSeparator;
    else if (fence !== undefined && kindOfInfo(fence.info) !== undefined)
      text += block.replace(/^([^\r\n]*?)([ \t]*)(?=[\r\n]|$)/, (line) => inertInfo(line));
    else text += block;
    done = end;
  }
  return text;
}

/** Reads as the separator to people and to nothing else. */
export const shownSeparator = "<!--cell-->";
