// Puts a product together: image, kernel, firmware, snapshot and index in one folder.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuestProduct, ProductFile } from "#machine/fs/packfs/product.ts";
import { productIndexFile } from "#machine/fs/packfs/product.ts";
import type { Licences } from "./licences.ts";
import type { Draft } from "./image/draft.ts";
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
  const identity = createHash("sha256");
  const put = async (file: string, data: string | Uint8Array): Promise<ProductFile> => {
    await writeFile(join(folder, file), data);
    identity.update(`${file}\0${data.length}\0`).update(data);
    return { file, bytes: (await stat(join(folder, file))).size };
  };
  const copy = async (file: string, from: string): Promise<ProductFile> => {
    await copyFile(from, join(folder, file));
    identity.update(`${file}\0`).update(await readFile(from));
    return { file, bytes: (await stat(from)).size };
  };
  const kernel = await copy("bzImage", parts.kernel);
  const bios = await copy("bios.bin", parts.bios);
  const manifest = await put("manifest", image.manifestFile);
  const snapshot = {
    state: await put("snapshot", parts.bake.state),
    host: await put("snapshot.json", parts.bake.host),
  };
  const licences = await put("licences.json", JSON.stringify(parts.licences, undefined, 1));
  const index: GuestProduct = {
    format: "conch-guest",
    version: 1,
    id: identity.update(cmdline).digest("hex").slice(0, 16),
    memoryBytes,
    msize,
    cmdline,
    kernel,
    bios,
    manifest,
    packs: "packs",
    hotPacks: image.hot[0] ?? [],
    snapshot,
    licences,
  };
  await writeFile(join(folder, productIndexFile), `${JSON.stringify(index, undefined, 1)}\n`);
}
