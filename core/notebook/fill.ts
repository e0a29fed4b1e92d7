// Fills a notebook that has no cells yet from a file. Cells that an earlier notebook of the same file had keep their
// ids and runs; the others get ids that follow from the file, so that two people who read one file get the same.

import { toHex, encodeUtf8 } from "#core/base/bytes.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Cell } from "./cell.ts";
import { matchCells } from "./match.ts";
import { type CellIds, contentOf, givenId, liveContent, matchable } from "./merge.ts";
import type { Notebook } from "./notebook.ts";
import { type ParsedCell, parseNotebook } from "./parse.ts";

const idBytes = 4;

/**
 * `before` are the cells of the earlier notebook. The caller has made an empty one and runs this in a transaction.
 * Returns which of the new cells those of `base` are, another version of the text.
 */
export function fillNotebook(
  notebook: Notebook,
  markdown: string,
  before: readonly Cell[],
  base: string,
): CellIds {
  const { cells, tail } = parseNotebook(markdown);
  const match = matchCells(
    before.map((cell) => ({ kind: cell.kind, id: cell.id, text: liveContent(cell) })),
    cells.map(matchable),
  );
  const given = new Set(cells.map(givenId));
  const used = new Set<string>();
  let last = "";
  const ids = cells.map((parsed, index) => {
    const earlier = before[match[index] ?? -1];
    const inherited = earlier === undefined || given.has(earlier.id) ? undefined : earlier.id;
    const id = [givenId(parsed), inherited].find((wanted) => wanted !== undefined && !used.has(wanted));
    const chosen = id ?? idFrom(parsed, (taken) => used.has(taken) || given.has(taken));
    used.add(chosen);
    const cell = notebook.place(chosen, parsed.kind, contentOf(parsed), index);
    if (parsed.kind !== "text" && parsed.name !== undefined) cell.map.set("name", parsed.name);
    cell.map.set("printed", parsed.printed);
    cell.map.set("gap", [last, parsed.gap]);
    // Oldest first: the kept ones are the newest.
    for (const run of earlier?.runs.toReversed() ?? []) notebook.setRun(chosen, run);
    last = chosen;
    return chosen;
  });
  notebook.tail = [last, tail];
  return base === markdown ? ids : idsOfVersion(base, cells, ids);
}

/** Which cells of a notebook those of a version are, where the notebook's own are known. */
export function idsOfVersion(version: string, cells: readonly ParsedCell[], ids: CellIds): CellIds {
  const others = parseNotebook(version).cells;
  const match = matchCells(others.map(matchable), cells.map(matchable));
  const found = others.map(() => "");
  match.forEach((other, index) => {
    if (other !== undefined) found[other] = ids[index] ?? "";
  });
  return found;
}

function idFrom(cell: ParsedCell, taken: (id: string) => boolean): string {
  for (let copy = 0; ; copy++) {
    const id = toHex(sha256(encodeUtf8(`${copy} ${cell.kind}\n${contentOf(cell)}`)).subarray(0, idBytes));
    if (!taken(id)) return id;
  }
}
