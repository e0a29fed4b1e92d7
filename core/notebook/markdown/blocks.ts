// The blocks of a Markdown text that are in no other block, as offsets in the text.

import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { markdownSyntax } from "./syntax.ts";
import { lineStart } from "#core/text/lines.ts";

export interface TopLevelBlock {
  readonly node: Root["children"][number];
  /** Offsets in the text; from the start of the line, so that indentation belongs to the block. */
  readonly start: number;
  readonly end: number;
}

export function topLevelBlocks(markdown: string): TopLevelBlock[] {
  // micromark drops a BOM and counts on without it.
  const bom = markdown.startsWith("\uFEFF") ? 1 : 0;
  const text = markdown.slice(bom);
  let done = 0;
  return parseMarkdown(text).children.map((node) => {
    const start = startOfBlock(text, node.position?.start.offset ?? 0, done);
    done = node.position?.end.offset ?? 0;
    return { node, start: start + bom, end: done + bom };
  });
}

/**
 * From the start of the line. The parser lets a heading that is underlined begin with the definitions before it:
 * it begins behind where the block before ended.
 */
export function startOfBlock(text: string, start: number, done: number): number {
  const from =
    start >= done ? start : done + (/^[ \t]*(?:\r\n|\n|\r)/.exec(text.slice(done))?.[0].length ?? 0);
  return lineStart(text, from);
}

function parseMarkdown(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: markdownSyntax, mdastExtensions: [gfmFromMarkdown()] });
}
