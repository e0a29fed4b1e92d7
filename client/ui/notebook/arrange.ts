// Puts elements of one parent in order without moving the one that has the focus: an element that is taken out of the
// page, be it for an instant, loses its focus, the composition in it and, if it is a frame, its document.

/**
 * Which elements stay where they are: as many as possible, the fixed one among them. `positions` are the present ones,
 * in the wanted order; a negative one is an element that is not there yet.
 *
 * @internal
 */
export function staying(positions: readonly number[], fixed: number | undefined): ReadonlySet<number> {
  const pivot = fixed === undefined ? -1 : (positions[fixed] ?? -1);
  /** Indices that end the best increasing sequence of each length, and what comes before each index in its sequence. */
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const [index, position] of positions.entries()) {
    if (position < 0) continue;
    if (fixed !== undefined && pivot >= 0 && index !== fixed)
      if (index < fixed ? position > pivot : position < pivot) continue;
    let length = 0;
    while (length < ends.length && (positions[ends[length] ?? 0] ?? 0) < position) length++;
    before.set(index, ends[length - 1]);
    ends[length] = index;
  }
  const kept = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = before.get(index)) kept.add(index);
  return kept;
}

type Mover = (node: Node, before: Node | null) => void;

/** Puts `wanted` into the parent in this order; it has no other children. */
export function arrange(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const places = new Map<Element, number>();
  for (const [place, child] of [...parent.children].entries()) places.set(child, place);
  const fixed = wanted.findIndex((element) => element.contains(document.activeElement));
  const kept = staying(
    wanted.map((element) => places.get(element) ?? -1),
    fixed < 0 ? undefined : fixed,
  );
  const move = moverOf(parent);
  let next: HTMLElement | null = null;
  for (let index = wanted.length - 1; index >= 0; index--) {
    const element = wanted[index];
    if (element === undefined) continue;
    if (!kept.has(index)) {
      if (places.has(element)) move(element, next);
      else parent.insertBefore(element, next);
    }
    next = element;
  }
}

/** Where the browser can, elements move with the state of what is in them. */
function moverOf(parent: HTMLElement): Mover {
  const { moveBefore } = parent as { readonly moveBefore?: Mover };
  return moveBefore?.bind(parent) ?? ((node, before) => void parent.insertBefore(node, before));
}
