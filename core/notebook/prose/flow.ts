// Several blocks as one text: the end of each is a unit of it, so that parting and joining them is an edit of text like
// any other. Knows no edits.

import { unitsOf } from "./normal.ts";
import type { MarkSpan, SourceBlock, SourceInline, SourceUnit, Unit } from "./parse.ts";
import { type ProseElement, proseKey } from "./tree.ts";

const blockEnd = "block";
const itemEnd = "item";

class Flow {
  readonly units: SourceUnit[] = [];
  readonly spans: MarkSpan[] = [];

  text({ units, spans }: SourceInline): void {
    const shift = this.units.length;
    this.spans.push(
      ...spans.map((span) => ({ ...span, first: span.first + shift, last: span.last + shift })),
    );
    this.units.push(...units);
  }

  split(text: string, start: number, end: number): void {
    this.units.push({ kind: "split", text, marks: [], start, end });
  }
}

/** A heading or a paragraph, and paragraphs behind it. */
export function flowOfLeaves(blocks: readonly SourceBlock[]): SourceInline | undefined {
  const flow = new Flow();
  let end: number | undefined;
  for (const { node, inline } of blocks) {
    if (inline === undefined || (node.type !== "paragraph" && end !== undefined)) return undefined;
    if (end !== undefined) flow.split(blockEnd, end, inline.start);
    flow.text(inline);
    ({ end } = inline);
  }
  return { units: flow.units, spans: flow.spans, start: blocks[0]?.inline?.start ?? 0, end: end ?? 0 };
}

export function unitsOfLeaves(
  nodes: readonly ProseElement[],
  first: ProseElement | undefined,
): Unit[] | undefined {
  const units: Unit[] = [];
  for (const [index, node] of nodes.entries()) {
    const fits =
      index === 0
        ? node.type === first?.type && node.attrs?.["level"] === first.attrs?.["level"]
        : node.type === "paragraph";
    if (!fits) return undefined;
    if (index > 0) units.push({ kind: "split", text: blockEnd, marks: [] });
    units.push(...unitsOf(node.content ?? []));
  }
  return units;
}

/** Items that begin with text; whatever else they hold is one unit each. */
export function flowOfItems(items: readonly SourceBlock[]): SourceInline | undefined {
  const flow = new Flow();
  let end: number | undefined;
  for (const { children } of items) {
    const [first, ...rest] = children;
    if (first?.inline === undefined || first.node.type !== "paragraph") return undefined;
    if (end !== undefined) flow.split(itemEnd, end, first.inline.start);
    flow.text(first.inline);
    ({ end } = first);
    for (const child of rest) {
      flow.split(proseKey(child.node), end, child.end);
      ({ end } = child);
    }
  }
  return {
    units: flow.units,
    spans: flow.spans,
    start: items[0]?.children[0]?.inline?.start ?? 0,
    end: end ?? 0,
  };
}

export function unitsOfItems(
  items: readonly ProseElement[],
  nodes: Map<string, ProseElement>,
): Unit[] | undefined {
  const units: Unit[] = [];
  for (const [index, item] of items.entries()) {
    const [first, ...rest] = item.content ?? [];
    if (first?.type !== "paragraph") return undefined;
    if (index > 0) units.push({ kind: "split", text: itemEnd, marks: [] });
    units.push(...unitsOf(first.content ?? []));
    for (const child of rest) {
      if (child.type === "text") return undefined;
      const key = proseKey(child);
      nodes.set(key, child);
      units.push({ kind: "split", text: key, marks: [] });
    }
  }
  return units;
}
