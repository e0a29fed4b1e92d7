// From a tree to inodes and blocks: numbers are given here, the layout of the packs is not yet known.

import { createHash } from "node:crypto";
import type { BlockStore } from "#machine/product/pack-store.ts";
import { type ImageInode, type Manifest, writeManifest } from "#machine/product/manifest.ts";
import { fileType } from "#machine/fs/fs.ts";
import type { TreeNode, Tree } from "../userland/tree.ts";
import { byBytes } from "../userland/tree.ts";

/** Large enough for few requests, small enough that a program's start does not bring all of it. */
const blockSize = 64 << 10;

/** An image whose blocks are in memory, numbered in the order of the tree. */
export interface Draft {
  readonly inodes: readonly ImageInode[];
  readonly blockSize: number;
  readonly blocks: readonly Uint8Array[];
}

export function draftImage(tree: Tree): Draft {
  // Breadth first, so that the children of one directory have consecutive numbers.
  const numbers = new Map<TreeNode, number>([[tree.root, 1]]);
  const nodes: TreeNode[] = [tree.root];
  for (const node of nodes) {
    if (node.kind !== "directory") continue;
    for (const [, child] of sorted(node.entries))
      if (!numbers.has(child)) numbers.set(child, nodes.push(child));
  }
  const number = (node: TreeNode): number => numbers.get(node) ?? 0;

  // Blocks follow the paths instead: what lies together is wanted together.
  const blocks: Uint8Array[] = [];
  const byHash = new Map<string, number>();
  const blocksOf = new Map<TreeNode, number[]>();
  for (const [, node] of tree.walk()) {
    if (node.kind !== "file" || blocksOf.has(node)) continue;
    const own: number[] = [];
    for (let at = 0; at < node.data.length; at += blockSize) {
      const data = node.data.subarray(at, at + blockSize);
      const hash = createHash("sha256").update(data).digest("base64");
      const known = byHash.get(hash) ?? blocks.push(data) - 1;
      byHash.set(hash, known);
      own.push(known);
    }
    blocksOf.set(node, own);
  }

  const inodes = nodes.map((node): ImageInode => {
    const base = { uid: node.uid, gid: node.gid, mtime: node.mtime, size: 0 };
    switch (node.kind) {
      case "directory": {
        const entries = new Map(sorted(node.entries).map(([name, child]) => [name, number(child)]));
        return { ...base, mode: fileType.directory | node.mode, entries };
      }
      case "symlink":
        return { ...base, mode: fileType.symlink | node.mode, target: node.target };
      default:
        return {
          ...base,
          mode: fileType.regular | node.mode,
          size: node.data.length,
          blocks: blocksOf.get(node) ?? [],
        };
    }
  });
  return { inodes, blockSize, blocks };
}

/** The same for the same files under the same inode numbers, however their blocks are packed later. */
export function imageId({ inodes, blockSize, blocks }: Draft): string {
  const manifest = writeManifest({ inodes, blockSize, packs: [] });
  const contents = blocks.map((block) => createHash("sha256").update(block).digest("hex"));
  return createHash("sha256")
    .update(JSON.stringify([manifest, contents]))
    .digest("hex")
    .slice(0, 16);
}

function sorted(entries: ReadonlyMap<string, TreeNode>): [string, TreeNode][] {
  return [...entries].sort(([a], [b]) => byBytes(a, b));
}

/** Serves a draft from memory and remembers which of its blocks are read. */
export class DraftBlocks implements BlockStore {
  readonly #draft: Draft;
  #touched = new Set<number>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** What PackFs needs to know of a draft. */
  get manifest(): Manifest {
    return { blockSize: this.#draft.blockSize, inodes: this.#draft.inodes, packs: [] };
  }

  read(block: number): Uint8Array {
    this.#touched.add(block);
    const data = this.#draft.blocks[block];
    if (data === undefined) throw new Error(`invariant violation: no block ${block}`);
    return data;
  }

  /** The blocks read since the last call, in the order of the tree: the order of the reads differs from boot to boot. */
  takeTrace(): number[] {
    const trace = [...this.#touched].sort((a, b) => a - b);
    this.#touched = new Set();
    return trace;
  }
}
