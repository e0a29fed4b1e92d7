// Edits of prose as a person makes them, at a random place of a tree: for tests that what was not touched keeps its
// source. `pick` gives a number below its argument.

import { element, isRaw, type ProseElement, type ProseMark, type ProseNode, textNode } from "./tree.ts";

export type Pick = (below: number) => number;

export const proseEdits = ["letter", "word", "bold", "split", "join", "item"] as const;
export type ProseEdit = (typeof proseEdits)[number];

/** undefined where the tree has no place for it. */
export function editAt(
  kind: ProseEdit,
  content: readonly ProseElement[],
  pick: Pick,
): ProseElement[] | undefined {
  const root = element("blockquote", undefined, content);
  const edited =
    kind === "split" || kind === "join" || kind === "item"
      ? editContainer(kind, root, pick)
      : editText(kind, root, pick);
  return edited?.content?.filter((node): node is ProseElement => node.type !== "text");
}

/** A place in the tree as the indexes that lead to it. */
type Path = readonly number[];

function paths(
  node: ProseNode,
  fits: (node: ProseNode, parent: ProseElement | undefined) => boolean,
  path: Path = [],
  parent?: ProseElement,
): Path[] {
  const own = fits(node, parent) ? [path] : [];
  if (node.type === "text" || isRaw(node)) return own;
  return [
    ...own,
    ...(node.content ?? []).flatMap((child, index) => paths(child, fits, [...path, index], node)),
  ];
}

/** The tree with other nodes in the place of one. */
function replace(
  node: ProseElement,
  path: Path,
  change: (node: ProseNode) => readonly ProseNode[],
): ProseElement {
  const [index, ...rest] = path;
  const content = (node.content ?? []).flatMap((child, at): readonly ProseNode[] => {
    if (at !== index) return [child];
    if (rest.length === 0) return change(child);
    return child.type === "text" ? [child] : [replace(child, rest, change)];
  });
  return element(node.type, node.attrs, content);
}

function isSource(marks: readonly ProseMark[] | undefined): boolean {
  return marks?.some(({ type }) => type === "source") === true;
}

function editText(
  kind: "letter" | "word" | "bold",
  root: ProseElement,
  pick: Pick,
): ProseElement | undefined {
  const pattern = kind === "letter" ? /[\p{L}\p{N}]/gu : /(?<=^|[ ])[\p{L}\p{N}]+(?=[ ]|$)/gu;
  const found = paths(root, (node, parent) => {
    if (node.type !== "text" || isSource(node.marks)) return false;
    const isCode = parent?.type === "codeBlock" || node.marks?.some(({ type }) => type === "code") === true;
    return (kind === "letter" || !isCode) && node.text.search(pattern) >= 0;
  });
  const path = found[pick(found.length)];
  if (path === undefined) return undefined;
  return replace(root, path, (node) => {
    if (node.type !== "text") return [node];
    const matches = [...node.text.matchAll(pattern)];
    const match = matches[pick(matches.length)];
    if (match === undefined) return [node];
    const [before, after] = [node.text.slice(0, match.index), node.text.slice(match.index + match[0].length)];
    const marks = node.marks ?? [];
    if (kind === "letter") return [textNode(`${before}${match[0]}Q${after}`, marks)];
    if (kind === "word")
      return [textNode(before.replace(/ $/, "") + after, marks)].filter(({ text }) => text !== "");
    const isBold = marks.some(({ type }) => type === "bold");
    const toggled = isBold
      ? marks.filter(({ type }) => type !== "bold")
      : [...marks, { type: "bold" } as const];
    return [textNode(before, marks), textNode(match[0], toggled), textNode(after, marks)].filter(
      ({ text }) => text !== "",
    );
  });
}

function editContainer(
  kind: "split" | "join" | "item",
  root: ProseElement,
  pick: Pick,
): ProseElement | undefined {
  if (kind === "item") {
    const lists = paths(root, ({ type }) => type === "bulletList" || type === "orderedList");
    const path = lists[pick(lists.length)];
    return path === undefined
      ? undefined
      : replace(root, path, (list) => (list.type === "text" ? [list] : [withItem(list, pick)]));
  }
  if (kind === "join") {
    const pairs = paths(root, (node, parent) => {
      const next = parent?.content?.[(parent.content?.indexOf(node) ?? -1) + 1];
      return (
        node.type === "paragraph" &&
        next?.type === "paragraph" &&
        node.content !== undefined &&
        next.content !== undefined
      );
    });
    const path = pairs[pick(pairs.length)];
    if (path === undefined) return undefined;
    const last = (path.at(-1) ?? 0) + 1;
    let second: ProseNode | undefined;
    const without = replace(root, [...path.slice(0, -1), last], (node) => {
      second = node;
      return [];
    });
    return replace(without, path, (first) => {
      if (first.type === "text" || second === undefined || second.type === "text") return [first];
      return [
        element(
          "paragraph",
          undefined,
          merged([...(first.content ?? []), textNode(" ", []), ...(second.content ?? [])]),
        ),
      ];
    });
  }
  const leaves = paths(
    root,
    (node, parent) =>
      node.type === "paragraph" &&
      parent?.type !== "listItem" &&
      (node.content ?? []).some(
        (part) => part.type === "text" && !isSource(part.marks) && / \S/.test(part.text),
      ),
  );
  const path = leaves[pick(leaves.length)];
  if (path === undefined) return undefined;
  return replace(root, path, (node) => (node.type === "text" ? [node] : halves(node, pick)));
}

function merged(nodes: readonly ProseNode[]): ProseNode[] {
  const result: ProseNode[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (
      node.type === "text" &&
      last?.type === "text" &&
      JSON.stringify(node.marks) === JSON.stringify(last.marks)
    )
      result[result.length - 1] = textNode(last.text + node.text, node.marks ?? []);
    else result.push(node);
  }
  return result;
}

function withItem(list: ProseElement, pick: Pick): ProseElement {
  const items = list.content ?? [];
  const at = 1 + pick(items.length);
  const item = element("listItem", undefined, [element("paragraph", undefined, [textNode("Quite new", [])])]);
  return element(list.type, list.attrs, items.toSpliced(at, 0, item));
}

function halves(node: ProseElement, pick: Pick): ProseNode[] {
  const content = node.content ?? [];
  const places = content.flatMap((part, index) =>
    part.type === "text" && !isSource(part.marks)
      ? [...part.text.matchAll(/(?<=\S) (?=\S)/g)].map((match) => ({ index, at: match.index }))
      : [],
  );
  const place = places[pick(places.length)];
  const part = content[place?.index ?? -1];
  if (place === undefined || part?.type !== "text") return [node];
  const marks = part.marks ?? [];
  const first = [...content.slice(0, place.index), textNode(part.text.slice(0, place.at), marks)];
  const second = [textNode(part.text.slice(place.at + 1), marks), ...content.slice(place.index + 1)];
  return [element("paragraph", undefined, first), element("paragraph", undefined, second)];
}
