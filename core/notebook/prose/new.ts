// A block that has no source yet, as Markdown in the author's manner. Its texts are written by inline.ts, its
// structure by mdast-util-to-markdown. Knows nothing of where the block comes.

import type { BlockContent, List, ListItem, Paragraph, PhrasingContent, RootContent } from "mdast";
import { gfmToMarkdown } from "mdast-util-gfm";
import { toMarkdown } from "mdast-util-to-markdown";
import { inertAttribute, kindOfInfo } from "#core/notebook/markdown/fence.ts";
import { type InlineEdit, newInline, type SpellingOf } from "./inline.ts";
import { unitsOf } from "./normal.ts";
import { isRaw, type ProseElement, type ProseNode, rawLanguage, textOf } from "./tree.ts";

/** What of Markdown's many spellings the author uses. */
export interface Style {
  readonly bullet: "-" | "*" | "+";
  readonly emphasis: "*" | "_";
  readonly strong: "**" | "__";
  /** Behind the number of an item. */
  readonly delimiter: "." | ")";
}

export function styleOf(source: string): Style {
  const bullet = /^ {0,3}([-*+])[ \t]+\S/m.exec(source)?.[1];
  return {
    bullet: bullet === "*" || bullet === "+" ? bullet : "-",
    emphasis: /(?<![\w_])_[^\s_]/.test(source) ? "_" : "*",
    strong: /(?<![\w_])__[^\s_]/.test(source) && !/\*\*[^\s*]/.test(source) ? "__" : "**",
    delimiter: /^ {0,3}\d{1,9}\)[ \t]+\S/m.test(source) ? ")" : ".",
  };
}

/** A list that follows one of its kind needs another marker: they would be read as one. */
export function otherMarker(style: Style): Style {
  return {
    ...style,
    bullet: style.bullet === "-" ? "*" : "-",
    delimiter: style.delimiter === "." ? ")" : ".",
  };
}

export class NewBlock {
  readonly inlines: readonly InlineEdit[];
  readonly #node: ProseElement;
  readonly #style: Style;
  readonly #prefix: string;
  readonly #texts = new Map<ProseElement, InlineEdit>();

  /** `prefix` begins every line but the first. An item is written without its marker. */
  constructor(node: ProseElement, style: Style, prefix: string) {
    this.#node = node;
    this.#style = style;
    this.#prefix = prefix;
    this.#addTexts(node);
    this.inlines = [...this.#texts.values()];
  }

  print(spelling: SpellingOf): string {
    const { type, content } = this.#node;
    if (isRaw(this.#node)) return textOf(this.#node);
    const blocks =
      type === "listItem" ? this.#item(content ?? [], spelling) : [this.#block(this.#node, spelling)];
    return printBlocks(blocks, this.#style)
      .split("\n")
      .map((line, index) => (index === 0 ? line : line === "" ? this.#prefix.trimEnd() : this.#prefix + line))
      .join("\n");
  }

  #addTexts(node: ProseElement): void {
    if (node.type === "paragraph" || node.type === "heading") {
      const units = unitsOf(node.content ?? []);
      this.#texts.set(node, newInline(units, { prefix: "", split: () => "" }));
      return;
    }
    for (const part of node.content ?? [])
      if (part.type !== "text" && node.type !== "codeBlock") this.#addTexts(part);
  }

  #text(node: ProseElement, spelling: SpellingOf): PhrasingContent[] {
    const inline = this.#texts.get(node);
    const value =
      inline
        ?.edits(spelling(inline))
        .map(({ text }) => text)
        .join("") ?? "";
    // The printer leaves HTML as it is.
    return value === "" ? [] : [{ type: "html", value }];
  }

  #block(node: ProseElement, spelling: SpellingOf): BlockContent {
    const content = node.content ?? [];
    switch (node.type) {
      case "heading":
        return {
          type: "heading",
          depth: depthOf(node.attrs?.["level"]),
          children: this.#text(node, spelling),
        };
      case "blockquote":
        return { type: "blockquote", children: this.#blocks(content, spelling) };
      case "bulletList":
      case "orderedList":
        return this.#list(node, spelling);
      case "codeBlock": {
        const language = String(node.attrs?.["language"] ?? "");
        if (language === rawLanguage) return { type: "html", value: textOf(node) };
        // Read back, a runnable block at the top level would be a cell.
        const info =
          node === this.#node && kindOfInfo(language) !== undefined
            ? `${language} ${inertAttribute}`
            : language;
        const [lang = "", ...meta] = info.split(" ");
        return {
          type: "code",
          lang: lang === "" ? null : lang,
          meta: meta.length === 0 ? null : meta.join(" "),
          value: textOf(node),
        };
      }
      case "horizontalRule":
        return { type: "thematicBreak" };
      default:
        return { type: "paragraph", children: this.#text(node, spelling) };
    }
  }

  #blocks(content: readonly ProseNode[], spelling: SpellingOf): BlockContent[] {
    return content.flatMap((part): BlockContent[] =>
      part.type === "text" ? [] : [this.#block(part, spelling)],
    );
  }

  #item(content: readonly ProseNode[], spelling: SpellingOf): BlockContent[] {
    const blocks = this.#blocks(content, spelling);
    const [first] = blocks;
    // The editor's items begin with a paragraph, Markdown's need not.
    if (first !== undefined && isEmpty(first)) blocks.shift();
    return blocks;
  }

  #list(node: ProseElement, spelling: SpellingOf): List {
    const children = (node.content ?? []).map((item): ListItem => {
      const blocks = this.#item(item.type === "text" ? [] : (item.content ?? []), spelling);
      const spread = blocks.filter((block) => block.type === "paragraph").length > 1;
      return { type: "listItem", spread, children: blocks };
    });
    const start = node.attrs?.["start"];
    return {
      type: "list",
      ordered: node.type === "orderedList",
      ...(node.type === "orderedList" ? { start: typeof start === "number" ? start : 1 } : {}),
      spread: false,
      children,
    };
  }
}

function printBlocks(children: RootContent[], style: Style): string {
  return toMarkdown(
    { type: "root", children },
    {
      extensions: [gfmToMarkdown()],
      bullet: style.bullet,
      bulletOther: style.bullet === "-" ? "*" : "-",
      bulletOrdered: style.delimiter,
      emphasis: style.emphasis,
      rule: "-",
      fences: true,
      listItemIndent: "one",
    },
  ).replace(/\n$/, "");
}

function depthOf(level: unknown): 1 | 2 | 3 | 4 | 5 | 6 {
  return level === 2 || level === 3 || level === 4 || level === 5 || level === 6 ? level : 1;
}

function isEmpty(node: BlockContent): node is Paragraph {
  return node.type === "paragraph" && node.children.length === 0;
}
