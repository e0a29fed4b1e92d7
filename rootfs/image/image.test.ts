import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "#core/base/bytes.ts";
import { readManifest, writeManifest } from "#machine/product/manifest.ts";
import { gunzipSync } from "node:zlib";
import { Tree } from "../userland/tree.ts";
import { DraftBlocks, draftImage, imageId } from "./draft.ts";
import { packImage } from "./pack-image.ts";

/** The same files whatever the order in which they are written. */
function makeTree(reverse: boolean): Tree {
  const tree = new Tree();
  const paths = ["etc/a", "etc/b", "usr/bin/x", "usr/lib/python3/y.py", "z"];
  for (const path of reverse ? paths.toReversed() : paths) tree.write(path, path.repeat(50_000));
  return tree;
}

describe("an image", () => {
  it("is the same for the same files, byte by byte", async () => {
    const images = await Promise.all(
      [false, true].map((reverse) =>
        packImage(draftImage(makeTree(reverse)), [[3, 1]], () => Promise.resolve()),
      ),
    );
    expect(images[0]?.manifestFile.equals(images[1]?.manifestFile ?? Buffer.alloc(0))).toBe(true);
  });

  it("[PACK-18] is named by its files, not by how they are packed", () => {
    const name = imageId(draftImage(makeTree(false)));
    expect(imageId(draftImage(makeTree(true)))).toBe(name);
    const other = makeTree(false);
    other.write("etc/a", "something else");
    expect(imageId(draftImage(other))).not.toBe(name);
  });

  it("has what was touched first in its first packs, and nothing twice", async () => {
    const draft = draftImage(makeTree(false));
    const blocks = new DraftBlocks(draft);
    const order = [0, 2, draft.blocks.length - 1];
    for (const block of [...order.toReversed(), 0]) blocks.read(block);
    const trace = blocks.takeTrace();
    expect(trace).toEqual(order);
    expect(blocks.takeTrace()).toEqual([]);

    const packs = new Map<string, Buffer>();
    const image = await packImage(
      draft,
      [trace, [2, 4]],
      async (hash, packed) => void packs.set(hash, packed),
    );
    const unpacked = (hash: string): Buffer => gunzipSync(packs.get(hash) ?? Buffer.alloc(0));
    expect(image.hot.map(({ length }) => length)).toEqual([1, 1]);
    expect(unpacked(image.hot[0]?.[0] ?? "")).toEqual(
      Buffer.concat(order.map((block) => draft.blocks[block] ?? Buffer.alloc(0))),
    );
    const bytes = [...packs.keys()].reduce((sum, hash) => sum + unpacked(hash).length, 0);
    expect(bytes).toBe(draft.blocks.reduce((sum, { length }) => sum + length, 0));
    for (const [hash, packed] of packs) expect(createHash("sha256").update(packed).digest("hex")).toBe(hash);
    const text = decodeUtf8(gunzipSync(image.manifestFile)) ?? "";
    expect(writeManifest(readManifest(text))).toBe(text);
  });
});
