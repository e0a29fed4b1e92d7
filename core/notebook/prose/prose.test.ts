import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import * as Y from "yjs";
import { anyMarkdown, plainMarkdown } from "#core/notebook/markdown/markdown.arbitrary.ts";
import { fillFragment, mergeProse } from "./merge.ts";
import { newElement, readFragment } from "./fragment.ts";
import { printProse } from "./print.ts";
import { parseProse } from "./parse.ts";
import {
  element,
  type ProseElement,
  proseKey,
  type ProseMark,
  type ProseNode,
  rawLanguage,
  textNode,
} from "./tree.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 180_000 });

function nodes(markdown: string): ProseElement[] {
  return parseProse(markdown).map(({ node }) => node);
}

function fragmentOf(markdown: string): Y.XmlFragment {
  const fragment = new Y.Doc().getXmlFragment("prose");
  fillFragment(fragment, markdown);
  return fragment;
}

function nodesIn(fragment: Y.XmlFragment): ProseElement[] {
  return readFragment(fragment).map(({ node }) => node);
}

it("[NB-30] stores what y-tiptap stores", () => {
  const fragment = fragmentOf('## A **b**\n\n3. x\n\n```js\nlet\n```\n\n[l](http://a "t") a  \nb\n');
  const [heading, list, code, paragraph] = fragment.toArray() as Y.XmlElement[];
  const deltaOf = (node: Y.XmlElement | undefined): unknown[] =>
    (node?.get(0) as Y.XmlText | undefined)?.toDelta() ?? [];
  expect(heading?.nodeName).toBe("heading");
  expect(heading?.getAttributes()).toEqual({ level: 2 });
  expect(deltaOf(heading)).toEqual([{ insert: "A " }, { insert: "b", attributes: { bold: {} } }]);
  expect(list?.getAttributes()).toEqual({ start: 3 });
  expect(code?.getAttributes()).toEqual({ language: "js" });
  expect(paragraph?.toArray().map((part) => (part instanceof Y.XmlElement ? part.nodeName : "text"))).toEqual(
    ["text", "hardBreak", "text"],
  );
  expect(deltaOf(paragraph)[0]).toEqual({
    insert: "l",
    attributes: { link: { href: "http://a", title: "t" } },
  });
});

it("[NB-30] passes over what it does not know, and keeps the text", () => {
  const fragment = new Y.Doc().getXmlFragment("prose");
  const strange = new Y.XmlElement("mystery");
  const text = new Y.XmlText();
  text.applyDelta([
    {
      insert: "kept",
      attributes: { glow: {}, "bold--abcdefgh": {}, link: { href: "x", target: "_blank", title: null } },
    },
  ]);
  strange.insert(0, [text]);
  fragment.insert(0, [strange, new Y.XmlText("bare"), new Y.XmlElement("paragraph")]);
  expect(printProse(nodesIn(fragment), "")).toBe("[**kept**](x)\n\nbare");
});

it.each([
  "<div>a</div>",
  "| a |\n|---|\n| 1 |",
  "[a]: http://b.example",
  "[^1]: text",
  "---\ntitle: x\n---",
  "```{=markdown}\nx\n```",
])("[NB-31] keeps the block %j as source", (markdown) => {
  for (const node of nodes(markdown))
    expect(node).toMatchObject({ type: "codeBlock", attrs: { language: rawLanguage } });
  expect(
    printProse([...nodes(markdown), element("paragraph", undefined, [textNode("new", [])])], markdown),
  ).toBe(`${markdown}\n\nnew`);
});

it.each([
  ["an ![image](a.png)", ["![image](a.png)"]],
  ["a <b>bold</b>", ["<b>", "</b>"]],
  ["note[^1]\n\n[^1]: text", ["[^1]"]],
  ["[a][b] and [b]\n\n[b]: u", ["[a][b]", "[b]"]],
  ["[](http://a.example)", ["[](http://a.example)"]],
  ["is $x\\,dx$ or $a_1*b_1*c$", ["$x\\,dx$", "$a_1*b_1*c$"]],
  ["$$ a \\\\ b\n- c $$", ["$$ a \\\\ b\n- c $$"]],
  ["> see $$\n> a ~x | y~\n> $$", ["$$\na ~x | y~\n$$"]],
  ["\\(a*b*c\\) and \\\\(d\\\\)", ["\\(a*b*c\\)", "\\\\(d\\\\)"]],
  ["\\begin{align}\na &= b \\\\\n= c\n\\end{align}", ["\\begin{align}\na &= b \\\\\n= c\n\\end{align}"]],
  ["[the $x$](u)", ["$x$"]],
])("[NB-31] keeps pieces of %j as source", (markdown, sources) => {
  const found = (node: ProseNode): string[] =>
    node.type === "text"
      ? node.marks?.some(({ type }) => type === "source") === true
        ? [node.text]
        : []
      : (node.content ?? []).flatMap(found);
  expect(nodes(markdown).flatMap(found)).toEqual(sources);
});

it.each(["costs $5 and $6", "$ x$", "$x $", "\\$x\\$", "`$x$`", "US$5-$6", "$", "$$", "a $$ b"])(
  "[NB-31] takes nothing in %j for a formula",
  (markdown) => {
    expect(JSON.stringify(nodes(markdown))).not.toContain("source");
  },
);

it("[NB-33] [NB-34] reads task boxes as text and line breaks as spaces", () => {
  expect(nodes("- [ ] a\n- [x] **b**\n  c")).toEqual([
    element("bulletList", undefined, [
      element("listItem", undefined, [element("paragraph", undefined, [textNode("[ ] a", [])])]),
      element("listItem", undefined, [
        element("paragraph", undefined, [
          textNode("[x] ", []),
          textNode("b", [{ type: "bold" }]),
          textNode(" c", []),
        ]),
      ]),
    ]),
  ]);
});

it("[NB-20] prints what nobody changed exactly, through Yjs and back", () => {
  fc.assert(
    fc.property(anyMarkdown, (markdown) => {
      expect(printProse(nodesIn(fragmentOf(markdown)), markdown)).toBe(markdown);
    }),
    { numRuns: 100 },
  );
});

it("[NB-23] leaves the text of unchanged blocks alone", () => {
  const original = "Setext\n===\n\n\nwrapped\nlines *a* _b_\n* x\n* y\n\n\nlast &amp; least";
  const changed = nodes(original);
  changed[2] = element("bulletList", undefined, [
    ...(changed[2]?.content ?? []),
    element("listItem", undefined, [element("paragraph", undefined, [textNode("z", [])])]),
  ]);
  expect(printProse(changed, original)).toBe(
    "Setext\n===\n\n\nwrapped\nlines *a* _b_\n* x\n* y\n* z\n\n\nlast &amp; least",
  );
});

it("[NB-23] escapes only what would be read as something else", () => {
  const paragraph = (text: string): ProseElement => element("paragraph", undefined, [textNode(text, [])]);
  const print = (text: string): string => printProse([paragraph(text)], "");
  expect(print("a_b [x] 2 * 3 #tag ~5 <3 | $x")).toBe("a_b [x] 2 * 3 #tag ~5 <3 | $x");
  expect(print("# no title")).toBe("\\# no title");
  expect(print("*stars*")).not.toBe("*stars*");
  for (const text of [
    "# no title",
    "*stars*",
    "1. no list",
    "<b>no html</b>",
    "[a](b)",
    "---",
    "a & b &amp; c",
    "`code`",
    "~~s~~",
    "    x",
  ])
    expect(nodes(print(text))).toEqual([paragraph(text.trim())]);
});

it("[NB-24] keeps runnable code in prose inert", () => {
  const block = element("codeBlock", { language: "sh" }, [textNode("ls", [])]);
  expect(printProse([block], "")).toBe("```sh {run=false}\nls\n```");
  expect(nodes("```sh {run=false}\nls\n```")).toEqual([block]);
});

it("[NB-26] leaves out what Markdown cannot say", () => {
  const bold: ProseMark[] = [{ type: "bold" }];
  const content = [
    element("paragraph"),
    element("paragraph", undefined, [
      textNode("  a ", []),
      textNode(" b ", bold),
      textNode("c ", []),
      element("hardBreak"),
    ]),
    element("paragraph"),
  ];
  expect(printProse(content, "")).toBe("a  **b** c");
  expect(printProse([element("paragraph")], "was here")).toBe("");
});

const words = fc.constantFrom(
  "a",
  "b c",
  "*x*",
  "1.",
  "#",
  "_y_",
  "`",
  "[z]",
  "<w>",
  "~",
  "|",
  "&",
  "\\",
  "!",
  "$",
  "é🐚",
  "http://a.example",
  "+",
);
const marks = fc.subarray<ProseMark>([
  { type: "bold" },
  { type: "italic" },
  { type: "strike" },
  { type: "link", attrs: { href: "http://a.example/b", title: "t" } },
]);
const inline: fc.Arbitrary<ProseNode[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(words, marks).map(([text, set]) => textNode(text, set)) },
    { weight: 1, arbitrary: words.map((text) => textNode(text, [{ type: "code" }])) },
    { weight: 1, arbitrary: fc.constant(element("hardBreak")) },
  ),
  { minLength: 1, maxLength: 5 },
);
const paragraph = inline.map((content) => element("paragraph", undefined, content));
const leafBlock = fc.oneof(
  paragraph,
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), inline)
    .map(([level, content]) => element("heading", { level }, content)),
  fc
    .tuple(
      fc.constantFrom("", "js", "sh", "c title=x"),
      fc.constantFrom("x", "```\ny", " indented\n\n", "~~~"),
    )
    .map(([language, text]) =>
      element("codeBlock", language === "" ? undefined : { language }, [textNode(text, [])]),
    ),
  fc.constant(element("horizontalRule")),
);
const list = (
  first: fc.Arbitrary<ProseElement>,
  inner: fc.Arbitrary<ProseElement>,
): fc.Arbitrary<ProseElement> =>
  fc
    .tuple(
      fc.boolean(),
      fc.array(fc.tuple(first, fc.array(inner, { maxLength: 2 })), { minLength: 1, maxLength: 3 }),
    )
    .map(([ordered, items]) =>
      element(
        ordered ? "orderedList" : "bulletList",
        ordered ? { start: 1 } : undefined,
        items.map(([head, rest]) => element("listItem", undefined, [head, ...rest])),
      ),
    );
const block = fc.oneof(
  leafBlock,
  list(paragraph, leafBlock),
  fc.array(leafBlock, { minLength: 1, maxLength: 2 }).map((inner) => element("blockquote", undefined, inner)),
);

it("[NB-23] prints any tree so that a second reading changes nothing more", () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), (content) => {
      const once = printProse(content, "");
      const read = nodes(once);
      expect(printProse(read, once)).toBe(once);
      // Through Yjs as well.
      const fragment = new Y.Doc().getXmlFragment("prose");
      fragment.insert(0, read.map(newElement));
      expect(nodesIn(fragment).map(proseKey)).toEqual(read.map(proseKey));
    }),
    { numRuns: 100 },
  );
});

it("[NB-23] says everything that a plain tree says", () => {
  const plainWords = fc.constantFrom("a", "b c", "d. e", "f!");
  const marked = fc.tuple(plainWords, marks).map(([text, set]) => textNode(text, set));
  // Words between, so that no mark touches another one's letters.
  const sentence = fc.array(marked, { minLength: 1, maxLength: 4 }).map((parts) =>
    element(
      "paragraph",
      undefined,
      parts.flatMap((part, index) => (index === 0 ? [part] : [textNode(" and ", []), part])),
    ),
  );
  const tree = fc.array(fc.oneof(sentence, list(sentence, sentence)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(tree, (content) => {
      const fragment = new Y.Doc().getXmlFragment("prose");
      fragment.insert(0, content.map(newElement));
      const wanted = nodesIn(fragment);
      expect(nodes(printProse(wanted, ""))).toEqual(wanted);
    }),
    { numRuns: 100 },
  );
});

it("[NB-43] edits a paragraph in place and leaves its neighbours alone", () => {
  const base = "# T\n\nfirst one\n\nsecond\n";
  const fragment = fragmentOf(base);
  const [title, first, second] = fragment.toArray() as Y.XmlElement[];
  mergeProse(fragment, base, "# T\n\nfirst **two**\n\nsecond\n\nthird");
  const after = fragment.toArray() as Y.XmlElement[];
  expect(after.slice(0, 3)).toEqual([title, first, second]);
  expect(printProse(nodesIn(fragment), "")).toBe("# T\n\nfirst **two**\n\nsecond\n\nthird");
});

it("[NB-43] carries a change over a colleague's, in the same paragraph and beside it", () => {
  const base = "one two three\n\nlast";
  const fragment = fragmentOf(base);
  ((fragment.get(0) as Y.XmlElement).get(0) as Y.XmlText).insert(0, "zero ");
  fragment.insert(2, [newElement(element("paragraph", undefined, [textNode("colleague", [])]))]);
  mergeProse(fragment, base, "one two 3\n\nlast\n\nwriter");
  expect(printProse(nodesIn(fragment), "")).toBe("zero one two 3\n\nlast\n\nwriter\n\ncolleague");
});

it("[NB-43] merges lists item by item", () => {
  const base = "- one\n- two\n\n  more\n- three";
  const fragment = fragmentOf(base);
  const list = fragment.get(0) as Y.XmlElement;
  const text = ((list.get(0) as Y.XmlElement).get(0) as Y.XmlElement).get(0) as Y.XmlText;
  text.insert(3, " by a colleague");
  mergeProse(fragment, base, "- one\n- two\n\n  much more\n- 3\n- four");
  expect(fragment.get(0)).toBe(list);
  expect(printProse(nodesIn(fragment), base)).toBe("- one by a colleague\n- two\n\n  much more\n- 3\n- four");
});

it.each([
  ["-\n\nword\n", "* star\n  * nested\n\nword\n"],
  [">\n\nword\n", "> - a\n\nword\n"],
  ["- ```\n  x\n  ```\n", "- a\n\n  b\n"],
  ["- a\n  - b\n", "-\n"],
])("[NB-43] leaves no empty paragraph where %j becomes %j", (base, next) => {
  const fragment = fragmentOf(base);
  mergeProse(fragment, base, next);
  expect(nodesIn(fragment)).toEqual(nodes(next));
});

it("[NB-43] becomes the written prose where nobody else was at work", () => {
  fc.assert(
    fc.property(plainMarkdown, plainMarkdown, (base, next) => {
      const fragment = fragmentOf(base);
      mergeProse(fragment, base, next);
      expect(nodesIn(fragment)).toEqual(nodes(next));
    }),
    { numRuns: 100 },
  );
});
