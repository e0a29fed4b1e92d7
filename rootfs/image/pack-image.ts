// From a draft to packs and a manifest, as client/machine/product/SPEC.md has them.

import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ImagePack, Manifest } from "#machine/product/manifest.ts";
import { writeManifest } from "#machine/product/manifest.ts";
import type { Draft } from "./draft.ts";

const compress = promisify(gzip);

/** Unpacked length of a pack: some 400 kB to fetch, some 5 ms to unpack. */
const packBytes = 1 << 20;

export interface PackedImage {
  readonly manifest: Manifest;
  /** gzip of the JSON. */
  readonly manifestFile: Buffer;
  /** Packs that hold a block of the traces, by trace, the first first. */
  readonly hot: readonly (readonly string[])[];
}

/**
 * Lays out the blocks: each trace in its order, a pack of its own begun for each, then the rest as the tree has it.
 * `save` is called once a pack, before the manifest that names it exists.
 */
export async function packImage(
  draft: Draft,
  traces: readonly (readonly number[])[],
  save: (hash: string, packed: Buffer) => Promise<void>,
): Promise<PackedImage> {
  const placed = new Map<number, number>();
  const groups: number[][] = [];
  const groupTrace: number[] = [];
  const rest = draft.blocks.map((_, block) => block);
  for (const [index, order] of [...traces, rest].entries()) {
    let group: number[] | undefined;
    let bytes = 0;
    for (const block of order) {
      if (placed.has(block)) continue;
      const length = draft.blocks[block]?.length ?? 0;
      if (group === undefined || bytes + length > packBytes) {
        groups.push((group = []));
        groupTrace.push(index);
        bytes = 0;
      }
      placed.set(block, placed.size);
      group.push(block);
      bytes += length;
    }
  }

  const packs: ImagePack[] = await Promise.all(
    groups.map(async (group) => {
      const packed = await compress(
        Buffer.concat(group.map((block) => draft.blocks[block] ?? new Uint8Array(0))),
        // 9 takes twice the time for 1 % less.
        { level: 6 },
      );
      const hash = createHash("sha256").update(packed).digest("hex");
      await save(hash, packed);
      return { hash, blocks: group.length, bytes: packed.length };
    }),
  );
  const place = (block: number): number => placed.get(block) ?? 0;
  const inodes = draft.inodes.map((inode) =>
    inode.blocks === undefined ? inode : { ...inode, blocks: inode.blocks.map(place) },
  );
  const manifest: Manifest = { blockSize: draft.blockSize, inodes, packs };
  return {
    manifest,
    manifestFile: await compress(writeManifest(manifest), { level: 9 }),
    hot: traces.map((_, index) =>
      packs.flatMap(({ hash }, group) => (groupTrace[group] === index ? [hash] : [])),
    ),
  };
}
