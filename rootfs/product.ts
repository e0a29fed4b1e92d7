// Puts a product together: image, kernel, firmware, snapshot and index in one folder.

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ProductIndex, ProductFile } from "#machine/product/product-index.ts";
import { productIndexFile, unpackedSuffix } from "#machine/product/product-index.ts";
import type { Licences } from "./licences.ts";
import { type Draft, imageId } from "./image/draft.ts";
import { packImage } from "./image/pack-image.ts";
import type { Bake } from "./bake.ts";
import { cmdline, memoryBytes, msize } from "./boot.ts";

export interface ProductParts {
  readonly kernel: string;
  readonly bios: string;
  readonly draft: Draft;
  readonly bake: Bake;
  readonly licences: Licences;
}

/** Writes the product into `folder`. */
export async function writeProduct(folder: string, parts: ProductParts): Promise<void> {
  const packs = join(folder, "packs");
  await mkdir(packs, { recursive: true });
  const image = await packImage(parts.draft, parts.bake.traces, (hash, packed) =>
    writeFile(join(packs, hash), packed),
  );
  // Named by their contents: whatever caches them never mixes two products.
  const put = async (name: string, data: string | Uint8Array): Promise<ProductFile> => {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const file = `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
    await writeFile(join(folder, file), bytes);
    return { file, bytes: bytes.length };
  };
  const putState = async (): Promise<ProductFile> => {
    const state = new Uint8Array(parts.bake.state);
    // zstd would be a fifth smaller, but browsers unpack gzip themselves, three times as fast as v86 unpacks zstd.
    const packed = await put("snapshot", await promisify(gzip)(state, { level: 9 }));
    await writeFile(join(folder, packed.file + unpackedSuffix), state);
    return packed;
  };
  const files = {
    kernel: await put("kernel", await readFile(parts.kernel)),
    bios: await put("bios", await readFile(parts.bios)),
    manifest: await put("manifest", image.manifestFile),
    snapshot: {
      state: await putState(),
      host: await put("host", parts.bake.host),
    },
    licences: await put("licences", JSON.stringify(parts.licences, undefined, 1)),
  };
  const index: ProductIndex = {
    format: "conch-guest",
    version: 1,
    id: createHash("sha256")
      .update(JSON.stringify([files, cmdline]))
      .digest("hex")
      .slice(0, 16),
    image: imageId(parts.draft),
    memoryBytes,
    msize,
    cmdline,
    packs: "packs",
    hotPacks: image.hot[0] ?? [],
    ...files,
  };
  await writeFile(join(folder, productIndexFile), `${JSON.stringify(index, undefined, 1)}\n`);
}
