// The index of a base image: what files there are and in which block of which pack their bytes lie.
// Reads and writes SPEC.md's JSON; knows nothing of gzip, fetching or file operations.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { checkName, nameMaxBytes } from "#core/base/path.ts";
import { fileType } from "#machine/fs/fs.ts";

export interface ImageInode {
  /** File type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** Bytes of a regular file, 0 for others. */
  readonly size: number;
  /** Of a directory: name → inode, in the order of listing. */
  readonly entries?: ReadonlyMap<string, number>;
  /** Of a symlink. */
  readonly target?: string;
  /** Of a regular file: its blocks, by number. */
  readonly blocks?: readonly number[];
}

export interface ImagePack {
  /** sha256 of the packed bytes, lower-case hexadecimal. */
  readonly hash: string;
  /** Number of blocks in it. */
  readonly blocks: number;
  /** Packed length. */
  readonly bytes: number;
}

export interface Manifest {
  readonly blockSize: number;
  /** Inode n is element n - 1. */
  readonly inodes: readonly ImageInode[];
  readonly packs: readonly ImagePack[];
}

export const rootInode = 1;
const formatName = "conch-image";
const formatVersion = 1;

interface Wire {
  readonly format: string;
  readonly version: number;
  readonly blockSize: number;
  readonly ownerTable: readonly (readonly [uid: number, gid: number])[];
  readonly modes: readonly number[];
  readonly owners: readonly number[];
  readonly times: readonly number[];
  readonly sizes: readonly number[];
  readonly directories: readonly (readonly [ino: number, first: number, names: readonly string[]])[];
  readonly links: readonly (readonly [directory: number, name: string, ino: number])[];
  readonly targets: readonly string[];
  readonly runs: readonly number[];
  readonly packs: readonly (readonly [hash: string, blocks: number, bytes: number])[];
}

export function writeManifest(manifest: Manifest): string {
  const { inodes } = manifest;
  const ownerTable: [number, number][] = [];
  const ownerIndex = new Map<string, number>();
  const owners = inodes.map(({ uid, gid }) => {
    const key = `${uid}:${gid}`;
    const known = ownerIndex.get(key) ?? ownerTable.push([uid, gid]) - 1;
    ownerIndex.set(key, known);
    return known;
  });
  const directories: [number, number, string[]][] = [];
  const links: [number, string, number][] = [];
  const named = new Set<number>();
  for (const [index, { entries }] of inodes.entries()) {
    if (entries === undefined || entries.size === 0) continue;
    const names: string[] = [];
    let first = 0;
    for (const [name, ino] of entries) {
      if (first === 0 && !named.has(ino)) first = ino;
      if (!named.has(ino) && ino === first + names.length) names.push(name);
      else links.push([index + 1, name, ino]);
      named.add(ino);
    }
    if (names.length > 0) directories.push([index + 1, first, names]);
  }
  const wire: Wire = {
    format: formatName,
    version: formatVersion,
    blockSize: manifest.blockSize,
    ownerTable,
    modes: inodes.map(({ mode }) => mode),
    owners,
    times: inodes.map(({ mtime }) => mtime),
    sizes: inodes.map(({ size }) => size),
    directories,
    links,
    targets: inodes.flatMap(({ target }) => (target === undefined ? [] : [target])),
    runs: writeRuns(inodes),
    packs: manifest.packs.map(({ hash, blocks, bytes }) => [hash, blocks, bytes]),
  };
  return JSON.stringify(wire);
}

/** Throws a sentence where the text is no manifest that this code can read. */
export function readManifest(text: string): Manifest {
  const wire = JSON.parse(text) as Partial<Wire>;
  if (wire.format !== formatName || wire.version !== formatVersion)
    throw new Error(
      `not a base image of version ${formatVersion}: ${String(wire.format)} ${String(wire.version)}`,
    );
  const lists = [
    "ownerTable",
    "modes",
    "owners",
    "times",
    "sizes",
    "directories",
    "links",
    "targets",
    "runs",
    "packs",
  ] as const;
  for (const name of lists) if (!Array.isArray(wire[name])) refuse(`${name} is no list`);
  if (typeof wire.blockSize !== "number" || wire.blockSize < 1) refuse("blockSize is no number");
  return build(wire as Wire);
}

function build(wire: Wire): Manifest {
  const count = wire.modes.length;
  if (wire.owners.length !== count || wire.times.length !== count || wire.sizes.length !== count)
    refuse("the lists of inodes differ in length");
  const entries = readEntries(wire, count);
  const blockLimit = wire.packs.reduce((sum, [, blocks]) => sum + blocks, 0);
  const runs = runReader(wire.runs, blockLimit);
  const targets = wire.targets.values();
  const lengths = new Int32Array(blockLimit);
  let blocksSeen = 0;
  const inodes = wire.modes.map((mode, index): ImageInode => {
    const [uid, gid] = wire.ownerTable[wire.owners[index] ?? -1] ?? refuse(`inode ${index + 1} has no owner`);
    const size = wire.sizes[index] ?? 0;
    const mtime = wire.times[index] ?? 0;
    // Written out: spreading objects here doubles the time of a start.
    switch (mode & fileType.mask) {
      case fileType.directory:
        return { mode, uid, gid, mtime, size, entries: entries.get(index + 1) ?? new Map<string, number>() };
      case fileType.symlink: {
        const target = targets.next().value ?? refuse("a symlink has no target");
        return { mode, uid, gid, mtime, size, target };
      }
      case fileType.regular: {
        const blocks = runs(Math.ceil(size / wire.blockSize));
        let left = size;
        for (const block of blocks) {
          const length = Math.min(wire.blockSize, left);
          left -= length;
          if (lengths[block] === 0) blocksSeen++;
          else if (lengths[block] !== length) refuse(`block ${block} has two lengths`);
          lengths[block] = length;
        }
        return { mode, uid, gid, mtime, size, blocks };
      }
      default:
        return refuse(`inode ${index + 1} is of an unknown type`);
    }
  });
  if (blocksSeen !== blockLimit) refuse("a block belongs to no file");
  return {
    blockSize: wire.blockSize,
    inodes,
    packs: wire.packs.map(([hash, blocks, bytes]) => {
      if (!/^[0-9a-f]{64}$/.test(hash)) refuse("a pack has no hash");
      return { hash, blocks, bytes };
    }),
  };
}

/** Names that need a closer look: the check in full costs a start some milliseconds. */
// oxlint-disable-next-line no-control-regex -- NUL cannot be in a name
const suspicious = /^\.{0,2}$|[/\0\uD800-\uDFFF]/;

function readEntries(wire: Wire, count: number): Map<number, Map<string, number>> {
  const entries = new Map<number, Map<string, number>>();
  const named = new Uint8Array(count + 1);
  named[rootInode] = 1;
  let namedCount = 1;
  const isDirectory = (ino: number): boolean =>
    ((wire.modes[ino - 1] ?? 0) & fileType.mask) === fileType.directory;
  const add = (directory: number, name: string, ino: number): void => {
    if (name.length * 3 > nameMaxBytes || suspicious.test(name)) checkName(name);
    if (!isDirectory(directory) || ino <= rootInode || ino > count)
      refuse(`${name} leads from ${directory} to ${ino}`);
    if (named[ino] === 1 && isDirectory(ino)) refuse(`directory ${ino} has two names`);
    const names = entries.get(directory) ?? new Map<string, number>();
    if (names.has(name)) refuse(`directory ${directory} has ${name} twice`);
    if (names.size === 0) entries.set(directory, names);
    names.set(name, ino);
    namedCount += named[ino] === 1 ? 0 : 1;
    named[ino] = 1;
  };
  for (const [ino, first, names] of wire.directories) {
    let child = first;
    for (const name of names) add(ino, name, child++);
  }
  for (const [directory, name, ino] of wire.links) add(directory, name, ino);
  if (namedCount !== count) refuse("an inode has no name");
  return entries;
}

function writeRuns(inodes: readonly ImageInode[]): number[] {
  const runs: number[] = [];
  let end = 0;
  for (const { blocks = [] } of inodes) {
    for (let at = 0; at < blocks.length;) {
      const start = blocks[at] ?? 0;
      let length = 1;
      while (blocks[at + length] === start + length) length++;
      runs.push(start - end, length);
      end = start + length;
      at += length;
    }
  }
  return runs;
}

function runReader(runs: readonly number[], blockLimit: number): (count: number) => number[] {
  let at = 0;
  let end = 0;
  return (count) => {
    const blocks: number[] = [];
    while (blocks.length < count) {
      const start = end + (runs[at] ?? Number.NaN);
      const length = runs[at + 1] ?? 0;
      at += 2;
      if (!(start >= 0 && length > 0 && start + length <= blockLimit && blocks.length + length <= count))
        refuse("a file's blocks lie outside the packs");
      for (let block = start; block < start + length; block++) blocks.push(block);
      end = start + length;
    }
    return blocks;
  };
}

/** Length of a symlink's target, as stat tells it. */
export function targetLength(target: string): number {
  return encodeUtf8(target).length;
}

function refuse(reason: string): never {
  throw new Error(`the base image's manifest is damaged: ${reason}`);
}
