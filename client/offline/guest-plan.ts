// The files of the built Linux, in the order in which they are worth keeping, and how many of them are kept.

import { gunzip } from "#machine/product/gunzip.ts";
import { readManifest } from "#machine/product/manifest.ts";
import { packClosure } from "#machine/product/pack-closure.ts";
import { productIndexFile, readProductIndex } from "#machine/product/product-index.ts";
import { guestCache, guestFolder } from "./caches.ts";
import { hasItsContent, isGenuine } from "./genuine.ts";

export interface GuestPart {
  /** Of its address. */
  readonly path: string;
  readonly bytes: number;
}

export interface GuestPlan {
  /** Hash of everything that a running machine depends on. */
  readonly id: string;
  /** The answer that has the index. */
  readonly index: Response;
  /** What a machine needs to start. */
  readonly start: readonly GuestPart[];
  /** What a first session needs, and a start where the snapshot does not fit. */
  readonly session: readonly GuestPart[];
  readonly rest: readonly GuestPart[];
}

export const indexPath = guestFolder + productIndexFile;

/** Keeps nothing by itself. Undefined where the server has no Linux; rejects where it cannot be asked. */
export async function planGuest(signal?: AbortSignal): Promise<GuestPlan | undefined> {
  const index = await fetch(indexPath, signal === undefined ? {} : { signal });
  if (index.status === 404) return undefined;
  if (!isGenuine(index)) throw new Error("The server's Linux cannot be asked for now.");
  const { id, snapshot, manifest, kernel, bios, hotPacks, packs } = readProductIndex(
    await index.clone().text(),
  );
  const part = ({ file, bytes }: { readonly file: string; readonly bytes: number }): GuestPart => ({
    path: guestFolder + file,
    bytes,
  });
  const cache = await caches.open(guestCache);
  const packed = await (await takePart(cache, part(manifest), signal)).answer.arrayBuffer();
  const image = readManifest(new TextDecoder().decode(await gunzip(new Uint8Array(packed))));
  const bytesOf = new Map(image.packs.map(({ hash, bytes }) => [hash, bytes]));
  const pack = (hash: string): GuestPart => ({
    path: `${guestFolder}${packs}/${hash}`,
    bytes: bytesOf.get(hash) ?? 0,
  });
  const early = [...new Set([...hotPacks, ...packClosure(image, hotPacks)])];
  const boot = [kernel, bios].map(part);
  return {
    id,
    index,
    start: [...(snapshot === undefined ? boot : [snapshot.state, snapshot.host].map(part)), part(manifest)],
    session: [...early.map(pack), ...(snapshot === undefined ? [] : boot)],
    rest: image.packs.filter(({ hash }) => !early.includes(hash)).map(({ hash }) => pack(hash)),
  };
}

export function allParts({ start, session, rest }: GuestPlan): readonly GuestPart[] {
  return [...start, ...session, ...rest];
}

/** Rejects where it cannot be had, or not be kept. */
export async function keepPart(cache: Cache, part: GuestPart, signal?: AbortSignal): Promise<void> {
  const { answer, kept } = await takePart(cache, part, signal);
  if (!kept) await cache.put(part.path, answer);
}

/** What is kept of it, or else the server's. Rejects where it cannot be had. */
async function takePart(
  cache: Cache,
  { path }: GuestPart,
  signal: AbortSignal | undefined,
): Promise<{ readonly answer: Response; readonly kept: boolean }> {
  const found = await cache.match(path);
  if (found !== undefined) return { answer: found, kept: true };
  const answer = await fetch(path, signal === undefined ? {} : { signal });
  const whole = isGenuine(answer) && (await hasItsContent(path, await answer.clone().arrayBuffer()));
  if (!whole) throw new Error(`A part of Linux cannot be had now (${path}, status ${answer.status}).`);
  return { answer, kept: false };
}

/** Paths of what is kept. */
export async function keptPaths(): Promise<ReadonlySet<string>> {
  const cache = await caches.open(guestCache);
  return new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
}
