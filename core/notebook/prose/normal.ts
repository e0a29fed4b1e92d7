// What Markdown can say of a tree. An editor can make more: spaces at the edges of a line, empty paragraphs, a bold
// space, half a formula. Knows no printing.

import { contentOf, parseProse, type Unit } from "./parse.ts";
import {
  element,
  hasMark,
  isRaw,
  type ProseElement,
  type ProseMark,
  type ProseNode,
  textOf,
} from "./tree.ts";

/** The blocks that come of this one when it is written and read: none of an empty paragraph, several of source. */
export function normalBlocks(node: ProseElement, definitions: string): ProseElement[] {
  if (isRaw(node)) return parseProse(textOf(node)).map((block) => block.node);
  const normal = normalElement(node, definitions);
  return normal.type === "paragraph" && normal.content === undefined ? [] : [normal];
}

/** As it is, but for source, which is whatever is read there. */
export function exactBlocks(node: ProseElement): ProseElement[] {
  return isRaw(node) ? parseProse(textOf(node)).map((block) => block.node) : [node];
}

function normalElement(node: ProseElement, definitions: string): ProseElement {
  const content = node.content ?? [];
  switch (node.type) {
    case "paragraph":
    case "heading":
      return element(
        node.type,
        node.attrs,
        contentOf(normalUnits(unitsOf(content), node.type === "heading", definitions)),
      );
    case "codeBlock":
      return element(
        node.type,
        node.attrs,
        textOf(node) === "" ? [] : [{ type: "text", text: textOf(node) }],
      );
    case "listItem":
    case "blockquote": {
      const blocks = content.map((part) =>
        normalElement(part.type === "text" ? element("paragraph", undefined, [part]) : part, definitions),
      );
      // Empty paragraphs vanish, but an item begins with a paragraph and a quote holds at least one.
      const kept = blocks.filter((block) => block.content !== undefined || block.type !== "paragraph");
      const needsOne = kept.length === 0 || (node.type === "listItem" && kept[0]?.type !== "paragraph");
      return element(node.type, undefined, needsOne ? [element("paragraph"), ...kept] : kept);
    }
    default:
      return element(
        node.type,
        node.attrs,
        content.map((part) => (part.type === "text" ? part : normalElement(part, definitions))),
      );
  }
}

/** A paragraph's content, character by character. */
export function unitsOf(content: readonly ProseNode[]): Unit[] {
  return content.flatMap((part): Unit[] => {
    if (part.type === "text")
      return Array.from(part.text).map((text) => ({ kind: "text", text, marks: part.marks ?? [] }));
    return part.type === "hardBreak" ? [{ kind: "break", text: "", marks: [] }] : [];
  });
}

function normalUnits(units: readonly Unit[], oneLine: boolean, definitions: string): Unit[] {
  const plain = dropBrokenSource(units, definitions).flatMap((unit): Unit[] => {
    if (unit.kind === "break") return oneLine ? [{ kind: "text", text: " ", marks: [] }] : [unit];
    if (isMarked(unit, "source") || !/[\r\n]/.test(unit.text)) return [unit];
    return [{ ...unit, text: " " }];
  });
  return trimLines(trimMarks(plain));
}

function isMarked({ marks }: Unit, type: ProseMark["type"]): boolean {
  return marks.some((mark) => mark.type === type);
}

/** Source that is read as something else now (a formula without its end) is text. */
function dropBrokenSource(units: readonly Unit[], definitions: string): Unit[] {
  const result = [...units];
  for (let start = 0; start < result.length; start++) {
    if (!isMarked(result[start] ?? nothing, "source")) continue;
    let end = start;
    while (end < result.length && isMarked(result[end] ?? nothing, "source")) end++;
    const text = result
      .slice(start, end)
      .map((unit) => unit.text)
      .join("");
    if (!isSource(text, definitions))
      for (let index = start; index < end; index++) {
        const unit = result[index] ?? nothing;
        result[index] = { ...unit, marks: unit.marks.filter(({ type }) => type !== "source") };
      }
    start = end;
  }
  return result;
}

const nothing: Unit = { kind: "text", text: "", marks: [] };

function isSource(text: string, definitions: string): boolean {
  // Behind a word, so that it begins no block.
  const units = parseProse(`${definitions}a ${text} a`).at(-1)?.inline?.units ?? [];
  const marked = units.filter((unit) => isMarked(unit, "source"));
  return units.length === marked.length + 4 && marked.map((unit) => unit.text).join("") === text;
}

/** Marks do not hold at spaces: where bold begins or ends with one, the space is not bold. */
function trimMarks(units: readonly Unit[]): Unit[] {
  const result = [...units];
  let again = true;
  while (again) {
    again = false;
    result.forEach((unit, index) => {
      if (
        unit.kind !== "text" ||
        !/^\s$/.test(unit.text) ||
        isMarked(unit, "code") ||
        isMarked(unit, "source")
      )
        return;
      const [before, after] = [result[index - 1], result[index + 1]];
      const kept = unit.marks.filter(
        (mark) =>
          mark.type === "link" ||
          (before !== undefined && after !== undefined && continues(before, mark) && continues(after, mark)),
      );
      if (kept.length === unit.marks.length) return;
      result[index] = { ...unit, marks: kept };
      again = true;
    });
  }
  // A link's words are more than spaces.
  return result.map((unit, index) => {
    const link = unit.marks.find(({ type }) => type === "link");
    if (link === undefined || /\S/.test(linkWords(result, index, link))) return unit;
    return { ...unit, marks: unit.marks.filter(({ type }) => type !== "link") };
  });
}

function continues(unit: Unit, mark: ProseMark): boolean {
  return unit.kind === "text" && hasMark(unit.marks, mark);
}

function linkWords(units: readonly Unit[], index: number, link: ProseMark): string {
  if (!/^\s$/.test(units[index]?.text ?? "")) return "x";
  let [start, end] = [index, index];
  while (start > 0 && continues(units[start - 1] ?? nothing, link)) start--;
  while (end < units.length && continues(units[end] ?? nothing, link)) end++;
  return units
    .slice(start, end)
    .map(({ text }) => text)
    .join("");
}

/** Without spaces beside breaks and at the ends, and without a break at the ends. */
function trimLines(units: readonly Unit[]): Unit[] {
  const isSpace = (unit: Unit | undefined): boolean =>
    unit?.kind === "text" &&
    /^[ \t]$/.test(unit.text) &&
    !isMarked(unit, "code") &&
    !isMarked(unit, "source");
  const result = [...units];
  const isEdge = (unit: Unit | undefined): boolean => unit === undefined || unit.kind !== "text";
  for (let index = 0; index < result.length;) {
    const atEdge = isEdge(result[index - 1]) || isEdge(result[index + 1]);
    if (!isSpace(result[index]) || !atEdge) {
      index++;
      continue;
    }
    result.splice(index, 1);
    index = Math.max(0, index - 1);
  }
  while (result.at(-1)?.kind === "break") result.pop();
  while (result[0]?.kind === "break") result.shift();
  return result;
}
