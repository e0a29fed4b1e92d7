// The forms of one file as a tree: each hangs from the form that it was made from, and both know what text they had in
// common last. Reads it from the node, and writes what changes in it.

import type { CellIds } from "#core/notebook/merge.ts";
import { formName, originPrefix, readOrigin, removeForm, textForms, writeOrigin } from "./forms.ts";
import type { Form, NodeMap } from "./schema.ts";

/** Forms that a file keeps, the live one included: a program that makes bytes of a text and back may do so often. */
const formsKept = 16;

export interface FormNode {
  readonly form: Form;
  readonly parent: FormNode | undefined;
  /** The neighbour on the way to the live form; undefined for that itself. */
  readonly next: FormNode | undefined;
}

/** A text that two forms had in common, and which cells of either its cells are. */
export interface Shared {
  readonly text: string;
  readonly from: CellIds | undefined;
  readonly to: CellIds | undefined;
}

interface Place extends FormNode {
  parent: Place | undefined;
  next: Place | undefined;
  readonly children: Set<Place>;
  base: string;
  cells: CellIds | undefined;
  parentCells: CellIds | undefined;
  /** Milliseconds since the epoch; 0 where unknown. */
  readonly at: number;
}

export class FormTree {
  readonly #node: NodeMap;
  readonly #live: Place;
  readonly #places = new Map<string, Place>();
  /** From the live form outwards. */
  readonly #outwards: Place[] = [];

  constructor(node: NodeMap, live: Form) {
    this.#node = node;
    const forms = textForms(node);
    if (live.kind === "bytes") forms.push(live);
    for (const form of forms) {
      const origin = readOrigin(node, form.id);
      const place: Place = {
        form,
        parent: undefined,
        next: undefined,
        children: new Set(),
        base: origin?.base ?? "",
        cells: origin?.cells,
        parentCells: origin?.parentCells,
        at: origin?.at ?? 0,
      };
      this.#places.set(formName(form), place);
    }
    const here = this.#places.get(formName(live));
    // A form without content: somebody has named a form that he did not make.
    this.#live = here ?? {
      form: live,
      parent: undefined,
      next: undefined,
      children: new Set(),
      base: "",
      cells: undefined,
      parentCells: undefined,
      at: 0,
    };
    this.#link();
    this.#walk();
  }

  /** Forms that the live one is connected with, itself included. */
  get size(): number {
    return this.#outwards.length;
  }

  get all(): readonly FormNode[] {
    return this.#outwards;
  }

  /** All but the live form, the furthest first. */
  towardsLive(): readonly FormNode[] {
    return this.#outwards.slice(1).toReversed();
  }

  /** What two neighbours had in common last. */
  shared(from: FormNode, to: FormNode): Shared {
    const child = this.#child(from, to);
    const [own, others] = [child.cells, child.parentCells];
    return child.form === from.form
      ? { text: child.base, from: own, to: others }
      : { text: child.base, from: others, to: own };
  }

  share(from: FormNode, to: FormNode, shared: Shared): void {
    const child = this.#child(from, to);
    const isFrom = child.form === from.form;
    child.base = shared.text;
    child.cells = isFrom ? shared.from : shared.to;
    child.parentCells = isFrom ? shared.to : shared.from;
    this.#write(child);
  }

  /** From now on `child` hangs from `parent`; what they have in common is what both have in common with its parent. */
  adopt(child: FormNode, parent: FormNode): void {
    const [place, target] = [this.#place(child), this.#place(parent)];
    place.parent?.children.delete(place);
    place.parent = target;
    place.next = target;
    place.parentCells = target.base === place.base ? target.cells : undefined;
    target.children.add(place);
    this.#write(place);
  }

  /** Forgets the oldest forms at the ends of the tree where there are very many, and bytes that are not live. */
  prune(): void {
    const known = new Set([...this.#places.values()].map(({ form }) => form.id));
    for (const key of Array.from(this.#node.keys())) {
      const id = key.startsWith(originPrefix) ? key.slice(originPrefix.length) : undefined;
      // Their address is in the file's history.
      if (id !== undefined && !known.has(id)) removeForm(this.#node, { kind: "bytes", id });
    }
    const places = new Set(this.#outwards);
    while (places.size > formsKept) {
      const ends = [...places].filter((place) => place !== this.#live && degree(place) <= 1);
      const oldest = ends.sort((a, b) => a.at - b.at)[0];
      if (oldest === undefined) return;
      places.delete(oldest);
      oldest.parent?.children.delete(oldest);
      removeForm(this.#node, oldest.form);
      for (const child of oldest.children) {
        child.parent = undefined;
        this.#node.delete(originPrefix + child.form.id);
      }
    }
  }

  #link(): void {
    const orphans: Place[] = [];
    for (const place of this.#places.values()) {
      const origin = readOrigin(this.#node, place.form.id);
      if (origin === undefined) continue;
      const parent = this.#places.get(formName(origin.parent));
      if (parent === undefined) orphans.push(place);
      else hang(place, parent);
    }
    // The parent was forgotten meanwhile: what is left of the tree takes its place.
    const roots = [...this.#places.values()].filter(
      (place) => place.parent === undefined && place.children.size > 0 && !orphans.includes(place),
    );
    const root = roots[0] ?? orphans[0];
    for (const orphan of orphans)
      if (root !== undefined && orphan !== root) {
        orphan.parentCells = undefined;
        hang(orphan, root);
      }
  }

  #walk(): void {
    const seen = new Set([this.#live]);
    this.#outwards.push(this.#live);
    // The list grows as it is walked.
    for (const place of this.#outwards)
      for (const beside of [...(place.parent === undefined ? [] : [place.parent]), ...place.children]) {
        if (seen.has(beside)) continue;
        seen.add(beside);
        beside.next = place;
        this.#outwards.push(beside);
      }
  }

  #place(node: FormNode): Place {
    const place = this.#places.get(formName(node.form));
    if (place === undefined) throw new Error("invariant violation: a form of another tree");
    return place;
  }

  #child(a: FormNode, b: FormNode): Place {
    const [first, second] = [this.#place(a), this.#place(b)];
    return first.parent === second ? first : second;
  }

  #write({ form, parent, base, cells, parentCells, at }: Place): void {
    if (parent === undefined) return;
    writeOrigin(this.#node, form, { parent: parent.form, base, cells, parentCells, at });
  }
}

function hang(place: Place, parent: Place): void {
  place.parent = parent;
  parent.children.add(place);
}

function degree(place: Place): number {
  return place.children.size + (place.parent === undefined ? 0 : 1);
}
