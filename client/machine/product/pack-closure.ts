// Which packs make whole what some packs hold a part of: a file is opened only when all of it is at hand.

import type { Manifest } from "./manifest.ts";

/** These packs, and all others of the files that lie in them in part, in the order of the manifest. By hash. */
export function packClosure({ inodes, packs }: Manifest, hashes: Iterable<string>): readonly string[] {
  const wanted = new Set(hashes);
  const packOf: string[] = packs.flatMap(({ hash, blocks }) => Array<string>(blocks).fill(hash));
  const closure = new Set(wanted);
  for (const { blocks = [] } of inodes) {
    const own = new Set(blocks.map((block) => packOf[block] ?? ""));
    if ([...own].some((hash) => wanted.has(hash))) for (const hash of own) closure.add(hash);
  }
  return packs.map(({ hash }) => hash).filter((hash) => closure.has(hash));
}
