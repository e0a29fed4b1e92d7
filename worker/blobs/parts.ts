// A blob that comes in parts: each is an object of its own until all are there and become one, which R2 verifies.

import { blobLimit, blobPartBytes } from "#core/project/limits.ts";
import { blobKey, partsOf } from "./keys.ts";

export const partLength = blobPartBytes;

interface Part {
  readonly project: string;
  readonly hash: string;
  /** From 0. */
  readonly number: number;
}

export function isPartNumber(number: number): boolean {
  return number < blobLimit / blobPartBytes;
}

export async function putPart(
  bucket: R2Bucket,
  { project, hash, number }: Part,
  body: ReadableStream | null,
): Promise<void> {
  await bucket.put(partsOf(project, hash) + String(number), body ?? new Uint8Array());
}

/** Sizes of the parts that are here, by number. */
export async function heldParts(
  bucket: R2Bucket,
  project: string,
  hash: string,
): Promise<ReadonlyMap<number, number>> {
  const prefix = partsOf(project, hash);
  // As many parts as a blob can have fit into one page.
  const { objects } = await bucket.list({ prefix });
  return new Map(objects.map(({ key, size }) => [Number(key.slice(prefix.length)), size]));
}

/**
 * Makes one blob of its parts, which are then gone. Returns the numbers of those that are missing, in which case
 * nothing happens; rejects as R2 does where the whole does not have the hash, and the parts begin anew.
 */
export async function assemble(
  bucket: R2Bucket,
  { project, hash, size }: { readonly project: string; readonly hash: string; readonly size: number },
): Promise<readonly number[]> {
  const prefix = partsOf(project, hash);
  const keys = Array.from({ length: Math.ceil(size / blobPartBytes) }, (_, index) => prefix + String(index));
  const held = await heldParts(bucket, project, hash);
  const missing = keys.flatMap((_, index) => {
    const wanted = Math.min(blobPartBytes, size - index * blobPartBytes);
    return held.get(index) === wanted ? [] : [index];
  });
  if (missing.length > 0) return missing;
  const { readable, writable } = new FixedLengthStream(size);
  const remove = (): Promise<void> =>
    bucket.delete([...held.keys()].map((number) => prefix + String(number)));
  const pumped = pump(bucket, keys, writable);
  try {
    await Promise.all([bucket.put(blobKey(project, hash), readable, { sha256: hash }), pumped]);
  } catch (thrown) {
    await pumped.catch(() => undefined);
    if (isMismatch(thrown)) await remove();
    throw thrown;
  }
  await remove();
  return [];
}

/** R2 reports a checksum mismatch as code 10037, in the message. */
export function isMismatch(thrown: unknown): boolean {
  return thrown instanceof Error && /10037|checksum|sha-?256/i.test(thrown.message);
}

async function pump(bucket: R2Bucket, keys: readonly string[], to: WritableStream): Promise<void> {
  for (const key of keys) {
    const part = await bucket.get(key);
    if (part === null) {
      await to.abort(new Error("a part has gone"));
      return;
    }
    await part.body.pipeTo(to, { preventClose: true });
  }
  await to.close();
}
