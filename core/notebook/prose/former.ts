// Documents that were filled when formulas, front matter, addresses and lists behind indented code were read in another
// way: what nobody has changed in them since is what is read there now, and no edit of it.

import { parseFormerly } from "#core/notebook/markdown/source.ts";
import { proseOf, type SourceBlock } from "./parse.ts";
import { type ProseElement, proseKey } from "./tree.ts";

/** Whether anything in this text was read otherwise. */
const readOtherwise = /[$@]|\\[([b\\]|https?:|www\.|^---|^[ \t>]*(?:[-*+]|\d+[.)])(?:[ \t]|$)/im;

/** Former readings of a text, with the block that stands in their place now. */
export interface FormerBlocks {
  readonly keys: readonly string[];
  readonly node: ProseElement;
}

export function formerBlocks(source: string, blocks: readonly SourceBlock[]): FormerBlocks[] {
  if (!readOtherwise.test(source)) return [];
  return parseFormerly(source).flatMap((parsed) => {
    const former = proseOf(parsed);
    return blocks.flatMap((block) => {
      const keys = former
        .filter(({ start, end }) => start >= block.start && end <= block.end)
        .map(({ node }) => proseKey(node));
      return keys.length === 0 || (keys.length === 1 && keys[0] === proseKey(block.node))
        ? []
        : [{ keys, node: block.node }];
    });
  });
}

/** The blocks with present ones in place of those that are as they formerly were read. */
export function upgradeBlocks(
  content: readonly ProseElement[],
  former: readonly FormerBlocks[],
): readonly ProseElement[] {
  if (former.length === 0) return content;
  const keys = content.map(proseKey);
  const upgraded: ProseElement[] = [];
  for (let index = 0; index < content.length;) {
    const found = former.find((one) => one.keys.every((key, offset) => key === keys[index + offset]));
    const node = found?.node ?? content[index];
    if (node !== undefined) upgraded.push(node);
    index += found?.keys.length ?? 1;
  }
  return upgraded;
}
