// Markdown parsed as prose needs it: a tree with positions, and for every piece of text the very characters of the
// source that it was read from. Formulas are no text: they are found first and hidden from the parser.

import type { Definition, FootnoteDefinition, Nodes, Root } from "mdast";
import { fromMarkdown, type Extension } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { findFormulas, maskFormulas, mayHoldFormulas, type Range } from "./formula.ts";
import { githubSyntax, markdownSyntax } from "./syntax.ts";

/** Text as it is read, and where it stands in the source: an escape or a character reference is longer there. */
interface TextPiece extends Range {
  readonly text: string;
}

export interface MarkdownSource {
  readonly source: string;
  readonly root: Root;
  /** Ascending. */
  readonly pieces: readonly TextPiece[];
  /** Ascending. */
  readonly formulas: readonly Range[];
}

// Addresses that merely stand in the text are text: read as links they would swallow what is typed beside them.
const noAddresses = { disable: { null: ["wwwAutolink", "protocolAutolink", "emailAutolink"] } };
const syntax = [...markdownSyntax, noAddresses];
const syntaxBeforeLists = [githubSyntax, noAddresses];
const toTree = gfmFromMarkdown().filter((extension) => extension.transforms === undefined);

/** `source` begins with no byte order mark. */
export function parseSource(source: string): MarkdownSource {
  return parseWith(syntax, source);
}

function parseWith(extensions: typeof syntax, source: string): MarkdownSource {
  const text = hideFrontMatter(source);
  const plain = parse(text, extensions);
  const formulas = mayHoldFormulas(text) ? findFormulas(text, surroundings(plain.root)) : [];
  if (formulas.length === 0) return { source, ...plain, formulas };
  return { source, ...parse(maskFormulas(text, formulas), extensions), formulas };
}

/** Facts about the file that other programs keep at its very beginning. */
const frontMatter =
  /^---[ \t]*\r?\n(?=(?:#|["'\w][^\r\n]*:(?:[ \t]|\r?\n)))[^]*?\r?\n(?:---|\.\.\.)[ \t]*(?=\r?\n|$)/;

/** As a comment of the same length: a parser would take it for a rule and a heading. */
function hideFrontMatter(source: string): string {
  const length = frontMatter.exec(source)?.[0].length;
  return length === undefined ? source : `<!--${"x".repeat(length - 7)}-->${source.slice(length)}`;
}

/**
 * As it was read by former versions: before formulas and front matter were known, and when addresses in text were
 * links; then before every list behind indented code was one.
 */
export function parseFormerly(source: string): MarkdownSource[] {
  const root = fromMarkdown(source, { extensions: [githubSyntax], mdastExtensions: gfmFromMarkdown() });
  return [{ source, root, pieces: [], formulas: [] }, parseWith(syntaxBeforeLists, source)];
}

function parse(text: string, extensions: typeof syntax): { root: Root; pieces: TextPiece[] } {
  const pieces: TextPiece[] = [];
  const root = fromMarkdown(text, { extensions, mdastExtensions: [...toTree, recorder(pieces)] });
  return { root, pieces };
}

/** Listens to the parser. The text of a character reference is what its node has more afterwards. */
function recorder(pieces: TextPiece[]): Extension {
  let known = 0;
  let reference = "";
  return {
    beforeEnter(token) {
      const node = this.stack.at(-1);
      if (token.type === "characterReferenceValue" && node?.type === "text") known = node.value.length;
    },
    afterExit(token) {
      const [start, end] = [token.start.offset, token.end.offset];
      switch (token.type) {
        case "data":
        case "codeTextData":
        case "autolinkProtocol":
        case "autolinkEmail":
          pieces.push({ start, end, text: this.sliceSerialize(token) });
          break;
        case "characterEscapeValue":
          pieces.push({ start: start - 1, end, text: this.sliceSerialize(token) });
          break;
        case "characterReferenceValue": {
          const node = this.stack.at(-1);
          reference = node?.type === "text" ? node.value.slice(known) : "";
          break;
        }
        case "characterReference":
          pieces.push({ start, end, text: reference });
          break;
        default:
      }
    },
  };
}

function surroundings(root: Root): { opaque: Range[]; leaves: Range[] } {
  const opaque: Range[] = [];
  const leaves: Range[] = [];
  const visit = (node: Nodes): void => {
    const range = rangeOf(node);
    switch (node.type) {
      case "code":
      case "html":
      case "inlineCode":
      case "definition":
      case "image":
      case "imageReference":
        opaque.push(range);
        return;
      case "link": {
        // The address; the words are text. An address between angle brackets is nothing else.
        const last = node.children.at(-1);
        const words = node.children.map(visit);
        opaque.push(
          last === undefined || words.length === 0 ? range : { start: rangeOf(last).end, end: range.end },
        );
        return;
      }
      case "paragraph":
      case "heading":
      case "tableCell":
        leaves.push(range);
        break;
      default:
    }
    if ("children" in node) node.children.forEach(visit);
  };
  visit(root);
  return { opaque, leaves };
}

export function rangeOf(node: Nodes): Range {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/** What the rest of a text refers to, wherever it stands. */
export function definitionsIn(root: Root): (Definition | FootnoteDefinition)[] {
  const found: (Definition | FootnoteDefinition)[] = [];
  const visit = (node: Nodes): void => {
    if (node.type === "definition" || node.type === "footnoteDefinition") found.push(node);
    else if ("children" in node) node.children.forEach(visit);
  };
  visit(root);
  return found;
}
