// Documents that were filled when formulas, front matter and addresses were read in another way: what nobody has
// changed in them since is what is read there now, and no edit of it.

import { parseFormerly } from "#core/notebook/markdown/source.ts";
import { proseOf, type SourceBlock } from "./parse.ts";
import { type ProseElement, proseKey } from "./tree.ts";

/** Whether anything in this text was read otherwise. */
const readOtherwise = /[$@]|\\[([b\\]|https?:|www\.|^---/i;

/** The blocks with present ones in place of those that are as they formerly were read from the source. */
export function upgradeBlocks(
  content: readonly ProseElement[],
  source: string,
  blocks: readonly SourceBlock[],
): readonly ProseElement[] {
  if (!readOtherwise.test(source)) return content;
  const former = proseOf(parseFormerly(source));
  // For each present block the former ones in its place.
  const groups = blocks.flatMap((block) => {
    const keys = former
      .filter(({ start, end }) => start >= block.start && end <= block.end)
      .map(({ node }) => proseKey(node));
    return keys.length === 0 || (keys.length === 1 && keys[0] === proseKey(block.node))
      ? []
      : [{ keys, node: block.node }];
  });
  const keys = content.map(proseKey);
  const upgraded: ProseElement[] = [];
  for (let index = 0; index < content.length;) {
    const group = groups.find((one) => one.keys.every((key, offset) => key === keys[index + offset]));
    const node = group?.node ?? content[index];
    if (node !== undefined) upgraded.push(node);
    index += group?.keys.length ?? 1;
  }
  return upgraded;
}
