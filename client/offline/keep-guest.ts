// Keeps the built Linux in this browser, so that machines start without the server: first what a start and a first
// session need, then all the rest. What is there already is not fetched again; what belongs to an older Linux goes.

import { gunzip } from "#machine/fs/packfs/gunzip.ts";
import { readManifest } from "#machine/fs/packfs/manifest.ts";
import { productIndexFile, readGuestProduct } from "#machine/fs/packfs/product.ts";
import { guestCache, guestFolder } from "./caches.ts";

/** Milliseconds between two files that nobody waits for: the line belongs to those who do. */
const pause = 100;

let keeping: Promise<void> | undefined;

/** `all`: also what a first session does not touch. Whatever cannot be had is left for the next time. */
export function keepGuest(all: boolean): Promise<void> {
  keeping ??= keep(all)
    .catch((error: unknown) => console.warn("Linux is not kept for when the server is away:", error))
    .finally(() => (keeping = undefined));
  return keeping;
}

async function keep(all: boolean): Promise<void> {
  const cache = await caches.open(guestCache);
  const index = guestFolder + productIndexFile;
  const answer = await fetch(index);
  // A server without Linux has nothing to keep.
  if (!answer.ok) return;
  const product = readGuestProduct(await answer.clone().text());
  const { snapshot, manifest, kernel, bios, hotPacks } = product;
  const packPath = (hash: string): string => `${guestFolder}${product.packs}/${hash}`;
  const needed = [
    ...(snapshot === undefined ? [kernel, bios] : [snapshot.state, snapshot.host]),
    manifest,
  ].map(({ file }) => guestFolder + file);

  for (const path of needed) await keepFile(cache, path);
  // After what it names: an index without its files is of no use.
  await cache.put(index, answer);
  for (const hash of hotPacks) await keepFile(cache, packPath(hash));
  // A machine whose own files its snapshot would not see has to boot.
  const bootFiles = [kernel, bios].map(({ file }) => guestFolder + file);
  for (const path of bootFiles) await keepFile(cache, path);
  if (!all) return;

  const packed = await cache.match(guestFolder + manifest.file);
  if (packed === undefined) return;
  const image = readManifest(
    new TextDecoder().decode(await gunzip(new Uint8Array(await packed.arrayBuffer()))),
  );
  const packs = image.packs.map(({ hash }) => packPath(hash));
  const current = new Set([index, ...needed, ...packs, ...bootFiles]);
  for (const { url } of await cache.keys()) if (!current.has(new URL(url).pathname)) await cache.delete(url);
  for (const path of packs) {
    if (!(await keepFile(cache, path))) continue;
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
    });
  }
}

/** Whether it had to be fetched. */
async function keepFile(cache: Cache, path: string): Promise<boolean> {
  if ((await cache.match(path)) !== undefined) return false;
  await cache.add(path);
  return true;
}
