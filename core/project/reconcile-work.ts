// How much work it would be to bring two forms of a file together, told before it is begun: anybody who may edit can
// write forms that nobody's program makes, and the room, which reconciles for everybody, must not be held up by them.

import * as Y from "yjs";
import { markdownWork } from "#core/notebook/markdown/work.ts";
import { contentKey } from "./forms.ts";
import type { Form, NodeMap } from "./schema.ts";

/** Elements within each other in a cell's prose: beyond this it is nobody's, and reading it may run out of stack. */
const deepest = 200;

/** Each cell is put in its place among all, and compared with those of the other form. */
const workPerCellPair = 1;
/** A run of letters with the same marks. */
const workPerRun = 5;
const workPerTextCharacter = 1;
/** What any merge costs, however small the forms are. */
const smallestWork = 2000;

/** UTF-16 units of a form, and cells: twice what a file of text may have. Beyond, it is not even read. */
const largestForm = 2 * 1024 * 1024;
const mostCells = 10_000;
const tooLarge: Size = { reading: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY, cells: 0 };

interface Size {
  /** About in microseconds: of reading the form as a notebook. */
  readonly reading: number;
  readonly characters: number;
  readonly cells: number;
}

/** About in microseconds; infinite where it cannot be done. */
export function reconcileWork(node: NodeMap, from: Form, to: Form, base: string): number {
  const [a, b] = [sizeOf(node, from), sizeOf(node, to)];
  const asText = (a.characters + b.characters + base.length) * workPerTextCharacter + smallestWork;
  if (from.kind !== "notebook" && to.kind !== "notebook") return asText;
  // What comes into the other form is read there.
  return (
    asText + 2 * (a.reading + b.reading + markdownWork(base)) + (a.cells + b.cells) ** 2 * workPerCellPair
  );
}

function sizeOf(node: NodeMap, form: Form): Size {
  const content: unknown = node.get(contentKey(form) ?? "");
  if (content instanceof Y.Text) {
    if (content.length > largestForm) return tooLarge;
    const text = content.toJSON();
    // Most cells that a text can have.
    return { reading: markdownWork(text), characters: text.length, cells: count(text, /^[ >]*[`~]{3}/gm) };
  }
  if (!(content instanceof Y.Map)) return { reading: 0, characters: 0, cells: 0 };
  let [reading, characters] = [0, 0];
  if (content.size > mostCells) return tooLarge;
  for (const cell of content.values()) {
    if (characters > largestForm) return tooLarge;
    if (!(cell instanceof Y.Map)) continue;
    for (const value of cell.values()) {
      if (value instanceof Y.Text && value.length > largestForm) return tooLarge;
      const text = typeof value === "string" ? value : value instanceof Y.Text ? value.toJSON() : undefined;
      const found =
        value instanceof Y.XmlFragment
          ? proseWork(value)
          : { reading: markdownWork(text ?? ""), characters: text?.length ?? 0 };
      reading += found.reading;
      characters += found.characters;
    }
  }
  return { reading, characters, cells: content.size };
}

/** Walks without recursion: what is walked may be of any depth. */
function proseWork(fragment: Y.XmlFragment): Pick<Size, "reading" | "characters"> {
  let [reading, characters] = [0, 0];
  let level: readonly Y.XmlFragment[] = [fragment];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return { reading: Number.POSITIVE_INFINITY, characters };
    const deeper: Y.XmlFragment[] = [];
    for (const parent of level)
      for (const child of parent.toArray())
        if (child instanceof Y.XmlText) {
          const text = child.toDelta() as readonly { readonly insert?: unknown }[];
          const words = text.map(({ insert }) => (typeof insert === "string" ? insert : "")).join("");
          reading += markdownWork(words) + text.length * workPerRun;
          characters += words.length;
        } else if (child instanceof Y.XmlFragment) deeper.push(child);
    level = deeper;
  }
  return { reading, characters };
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
