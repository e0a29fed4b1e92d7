// Build results in folders named by the hash of what they are made from: present means complete.
// Knows nothing of what is built.

import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where everything that is built lives: CONCH_CACHE, or ~/.cache/conch. */
export function cacheRoot(): string {
  return (
    process.env["CONCH_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "conch")
  );
}

/** 64 bits of a sha256 are plenty for names that nobody chooses. */
const keyLength = 16;

/** A key of named inputs; the order in which they are given does not matter. */
export function keyOf(inputs: Readonly<Record<string, string | Uint8Array>>): string {
  const hash = createHash("sha256");
  for (const [name, value] of Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const data = typeof value === "string" ? Buffer.from(value) : value;
    hash.update(`${name}\0${data.length}\0`).update(data);
  }
  return hash.digest("hex").slice(0, keyLength);
}

/** The contents of every file below `folder` that `wanted` accepts, as inputs of a key. */
export async function sourceInputs(
  folder: string,
  wanted: (path: string) => boolean = () => true,
): Promise<Record<string, Uint8Array>> {
  const inputs: Record<string, Uint8Array> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (!path.endsWith(".test.ts") && wanted(relative(folder, path)))
      inputs[relative(folder, path)] = await readFile(path);
  }
  return inputs;
}

/**
 * The folder `kind/key` of the cache; `build` fills it where it is missing. A build that dies leaves nothing behind
 * that could be taken for a result: it works in a folder of its own, which is renamed at the end. Call it locked.
 */
export async function cached(
  root: string,
  kind: string,
  key: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(root, kind, key);
  if (existsSync(folder)) {
    const now = new Date();
    await utimes(folder, now, now);
    return folder;
  }
  // Builds hold the lock: a draft that is here was left by one that was killed.
  await mkdir(join(root, kind), { recursive: true });
  for (const name of await readdir(join(root, kind)))
    if (name.startsWith(".draft-")) await rm(join(root, kind, name), { recursive: true, force: true });
  const draft = join(root, kind, `.draft-${key}-${randomUUID().slice(0, 8)}`);
  await mkdir(draft, { recursive: true });
  try {
    await build(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  await dropOld(join(root, kind), key);
  return folder;
}

/** Results beside the newest that are kept: for switching between branches. */
const keptResults = 4;

async function dropOld(folder: string, key: string): Promise<void> {
  const results: { name: string; used: number }[] = [];
  for (const name of await readdir(folder))
    if (name !== key && !name.startsWith("."))
      results.push({ name, used: (await stat(join(folder, name))).mtimeMs });
  results.sort((a, b) => b.used - a.used);
  for (const { name } of results.slice(keptResults))
    await rm(join(folder, name), { recursive: true, force: true });
}

/** Length of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** How often a waiting build looks whether the other one has ended. */
const lockPollMs = 300;

/** Runs `work` while no other process does: two builds at once wait for each other. */
export async function locked<T>(
  root: string,
  waiting: (pid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true });
  const lock = join(root, "lock");
  let told = false;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    const owner = Number(await readFile(join(lock, "pid"), "utf8").catch(() => "0"));
    if (await isStale(lock, owner)) {
      // Renamed first: of two that find it stale, one gets it and the other finds it gone.
      const grave = `${lock}-${randomUUID()}`;
      await rename(lock, grave).then(
        () => rm(grave, { recursive: true, force: true }),
        () => {},
      );
      continue;
    }
    if (!told) waiting(owner);
    told = true;
    await sleep(lockPollMs);
  }
  const release = (): Promise<void> => rm(lock, { recursive: true, force: true });
  try {
    await writeFile(join(lock, "pid"), String(process.pid));
    return await work();
  } finally {
    await release();
  }
}

/** A lock without a pid is being taken; after this long its taker is dead. */
const takingMs = 5_000;

async function isStale(lock: string, owner: number): Promise<boolean> {
  if (owner === 0) {
    const age = await stat(lock).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    return age > takingMs;
  }
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return isCode(error, "ESRCH");
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
