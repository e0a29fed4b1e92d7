// A rewritten file merged into a live notebook: three versions (the file as the writer read it, the file as he wrote
// it, the notebook now), matched cell by cell. Unchanged cells, their runs and colleagues' edits are not touched.

import type { Cell } from "./cell.ts";
import { matchCells } from "./match.ts";
import type { Notebook } from "./notebook.ts";
import { type ParsedCell, parseNotebook } from "./parse.ts";
import { mergeProse } from "#core/notebook/prose/merge.ts";
import { type CharacterBudget, diffText, newCharacterBudget } from "#core/text/diff.ts";
import { applyToText } from "#core/text/shared-text.ts";
import { mergeThree } from "#core/text/three-way.ts";

/** The id that a cell of the written file has where it was written; undefined where it has none. */
export type IdOf = (cell: ParsedCell) => string | undefined;

/** A cell of the base and the live cell that it is; undefined where a colleague removed that. */
interface BaseCell {
  readonly parsed: ParsedCell;
  readonly cell: Cell | undefined;
}

/**
 * Takes over a rewritten file, cell by cell, in one transaction. `base` is the file as the writer had read it (the
 * present one where it is left out): only what the writer changed since is changed here. New cells get the ids that
 * `idOf` knows.
 */
export function mergeNotebook(notebook: Notebook, markdown: string, base?: string, idOf?: IdOf): void {
  notebook.transact(() => mergeCells(notebook, markdown, base ?? notebook.print(), idOf));
}

function mergeCells(notebook: Notebook, markdown: string, base: string, idOf: IdOf | undefined): void {
  const budget = newCharacterBudget();
  const next = parseNotebook(markdown);
  const old = baseCells(notebook, base);
  const match = matchCells(
    old.map(({ parsed, cell }) => ({ ...matchable(parsed), id: cell?.id ?? givenId(parsed) })),
    next.cells.map((cell) => ({ ...matchable(cell), id: givenId(cell) ?? idOf?.(cell) })),
  );

  removeDropped(old, new Set(match), notebook);
  const used = new Set(notebook.cells.map((cell) => cell.id));
  const added = newcomers(notebook, old);
  const placed: Cell[] = [];
  const moved = movedCells(match);
  next.cells.forEach((parsed, index) => {
    const from = old[match[index] ?? -1];
    const after = placed.at(-1);
    let cell = from?.cell;
    if (cell === undefined) {
      // New; or removed by a colleague, which an edit of the writer undoes and silence does not.
      if (from !== undefined && contentOf(from.parsed) === contentOf(parsed)) return;
      cell = takeEqual(added, parsed);
      if (cell === undefined) {
        const known = [givenId(parsed), idOf?.(parsed)];
        const id = known.find((wanted) => wanted !== undefined && !used.has(wanted)) ?? notebook.newId();
        used.add(id);
        cell = notebook.place(id, parsed.kind, contentOf(parsed), placeAfter(notebook, after));
        setName(cell, undefined, parsed);
      }
    } else {
      if (from !== undefined) mergeCell(cell, from.parsed, parsed, budget);
      if (moved.has(index)) notebook.move(cell.id, after?.id ?? null);
    }
    setRegister(cell, "printed", parsed.printed);
    setRegister(cell, "gap", [after?.id ?? "", parsed.gap]);
    placed.push(cell);
  });
  notebook.tail = [placed.at(-1)?.id ?? "", next.tail];
}

/** The base's cells, each with the live cell that it is. */
function baseCells(notebook: Notebook, base: string): BaseCell[] {
  const parsed = parseNotebook(base).cells;
  const print = notebook.printed(base);
  if (print?.ids.length === parsed.length)
    return parsed.map((cell, index) => ({ parsed: cell, cell: notebook.cell(print.ids[index] ?? "") }));
  // Not printed here (or read back as other cells than were printed): matched like any other version.
  const live = notebook.cells;
  const read = readAs(live);
  const match = matchCells(
    live.map((cell) => ({ kind: cell.kind, id: cell.id, text: liveContent(cell) })),
    parsed.map((cell) => ({ ...matchable(cell), id: givenId(cell) ?? read(cell) })),
  );
  return parsed.map((cell, index) => ({ parsed: cell, cell: live[match[index] ?? -1] }));
}

/** Cells that colleagues have added since the base. */
function newcomers(notebook: Notebook, old: readonly BaseCell[]): Cell[] {
  const known = new Set(old.map(({ cell }) => cell));
  return notebook.cells.filter((cell) => !known.has(cell));
}

/** A cell that a colleague has added as the writer did is the same cell. */
function takeEqual(added: Cell[], parsed: ParsedCell): Cell | undefined {
  const index = added.findIndex(
    (cell) => cell.kind === parsed.kind && liveContent(cell) === contentOf(parsed),
  );
  return index < 0 ? undefined : added.splice(index, 1)[0];
}

/** Ids of live cells by the slice that they were read from, whatever they have become: each is given once. */
function readAs(live: readonly Cell[]): (cell: ParsedCell) => string | undefined {
  const ids = new Map<string, string[]>();
  for (const { id, kind, printed } of live) {
    const key = `${kind}\n${printed}`;
    if (printed !== "") ids.set(key, [...(ids.get(key) ?? []), id]);
  }
  return ({ kind, printed }) => ids.get(`${kind}\n${printed}`)?.shift();
}

function removeDropped(
  old: readonly BaseCell[],
  matched: ReadonlySet<number | undefined>,
  notebook: Notebook,
): void {
  old.forEach(({ parsed, cell }, index) => {
    if (matched.has(index) || cell === undefined) return;
    // What a colleague has changed meanwhile stays.
    if (liveContent(cell) === contentOf(parsed)) notebook.remove(cell.id);
  });
}

function mergeCell(cell: Cell, base: ParsedCell, next: ParsedCell, budget: CharacterBudget): void {
  const { map } = cell;
  if (next.kind !== base.kind && next.kind !== "text" && cell.kind !== "text") map.set("kind", next.kind);
  setName(cell, base.kind === "text" ? undefined : base.name, next);
  if (contentOf(base) === contentOf(next)) return;
  const { source, prose } = cell;
  const live = liveContent(cell);
  const merged = mergeThree(contentOf(base), contentOf(next), live, undefined, budget);
  if (source !== undefined) applyToText(source, diffText(live, merged, budget));
  else if (prose !== undefined) mergeProse(prose, live, merged);
}

function setName(cell: Cell, baseName: string | undefined, next: ParsedCell): void {
  const name = next.kind === "text" ? undefined : next.name;
  if (name === baseName || name === cell.name) return;
  if (name === undefined) cell.map.delete("name");
  else cell.map.set("name", name);
}

/** Indexes of new cells that stand elsewhere than in the base: all but a longest ascending run of old indexes. */
function movedCells(match: readonly (number | undefined)[]): Set<number> {
  const entries = [...match.entries()].filter((entry): entry is [number, number] => entry[1] !== undefined);
  const lengths: number[] = [];
  const previous: number[] = [];
  let last = -1;
  entries.forEach(([, oldIndex], at) => {
    lengths[at] = 1;
    previous[at] = -1;
    for (let before = 0; before < at; before++)
      if ((entries[before]?.[1] ?? 0) < oldIndex && (lengths[before] ?? 0) >= (lengths[at] ?? 0)) {
        lengths[at] = (lengths[before] ?? 0) + 1;
        previous[at] = before;
      }
    if ((lengths[at] ?? 0) > (lengths[last] ?? 0)) last = at;
  });
  const moved = new Set(entries.map(([index]) => index));
  for (let at = last; at >= 0; at = previous[at] ?? -1) moved.delete(entries[at]?.[0] ?? -1);
  return moved;
}

function placeAfter(notebook: Notebook, after: Cell | undefined): number {
  return after === undefined ? 0 : notebook.cells.findIndex((cell) => cell.id === after.id) + 1;
}

function setRegister(cell: Cell, key: "printed" | "gap", value: string | string[]): void {
  if (JSON.stringify(cell.map.get(key)) !== JSON.stringify(value)) cell.map.set(key, value);
}

export function matchable(cell: ParsedCell): {
  kind: ParsedCell["kind"];
  id: string | undefined;
  text: string;
} {
  return { kind: cell.kind, id: givenId(cell), text: contentOf(cell) };
}

export function givenId(cell: ParsedCell): string | undefined {
  return cell.kind === "text" ? undefined : cell.id;
}

export function contentOf(cell: ParsedCell): string {
  return cell.kind === "text" ? cell.printed : cell.source;
}

/** What a live cell holds, to be compared with what was parsed. */
export function liveContent(cell: Cell): string {
  return cell.kind === "text" ? cell.print() : cell.code;
}

/** Whether a rewritten file still has all cells of the base in their order, changed or not. */
export function keepsCells(base: string, next: string): boolean {
  const cells = parseNotebook(base).cells;
  let last = -1;
  const continued = matchCells(cells.map(matchable), parseNotebook(next).cells.map(matchable)).flatMap(
    (index) => index ?? [],
  );
  return (
    continued.length === cells.length &&
    continued.every((index) => {
      const ascends = index > last;
      last = index;
      return ascends;
    })
  );
}
