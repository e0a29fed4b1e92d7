// /etc/ld.so.cache, which ldconfig would write: without it every program start asks for each library in each folder.
// The format is glibc's sysdeps/generic/dl-cache.h, "new" format alone, little-endian.

import { readSoname } from "./elf.ts";
import type { Tree } from "./tree.ts";

const magic = "glibc-ld.so.cache1.1";
const headerSize = 48;
const entrySize = 24;
/** FLAG_ELF_LIBC6: all that i386 has. */
const flagElfLibc6 = 3;
/** cache_file_new_flags_endian_little. */
const littleEndian = 2;

export interface Library {
  readonly soname: string;
  readonly path: string;
}

/** The libraries below the given folders, found as ldconfig does: by SONAME, at the name that carries it. */
export function findLibraries(tree: Tree, folders: readonly string[]): Library[] {
  const found = new Map<string, Library>();
  for (const folder of folders) {
    const node = tree.get(folder);
    if (node?.kind !== "directory") continue;
    for (const [name, entry] of node.entries) {
      if (!/^(lib|ld-).*\.so/.test(name)) continue;
      let file = entry;
      for (let hops = 0; file.kind === "symlink" && hops < 8; hops++) {
        const target: string = file.target.startsWith("/") ? file.target : `${folder}/${file.target}`;
        const next = tree.get(normalize(target));
        if (next === undefined) break;
        file = next;
      }
      if (file.kind !== "file") continue;
      const soname = readSoname(file.data);
      // Links for the compiler (libz.so) are entries of their own, as ldconfig has them.
      if (soname !== undefined && (name === soname || name.endsWith(".so")) && !found.has(name))
        found.set(name, { soname: name, path: `/${folder}/${name}` });
    }
  }
  return [...found.values()];
}

function normalize(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}

export function encodeLdCache(libraries: readonly Library[]): Buffer {
  // The loader searches by bisection over this order, the greatest first.
  const sorted = [...libraries].sort((a, b) => compareNames(b.soname, a.soname));
  const strings: Buffer[] = [];
  let at = headerSize + sorted.length * entrySize;
  const place = (text: string): number => {
    const bytes = Buffer.from(`${text}\0`, "latin1");
    strings.push(bytes);
    at += bytes.length;
    return at - bytes.length;
  };
  const entries = Buffer.alloc(sorted.length * entrySize);
  for (const [index, { soname, path }] of sorted.entries()) {
    entries.writeInt32LE(flagElfLibc6, index * entrySize);
    entries.writeUInt32LE(place(soname), index * entrySize + 4);
    entries.writeUInt32LE(place(path), index * entrySize + 8);
  }
  const header = Buffer.alloc(headerSize);
  header.write(magic, "latin1");
  header.writeUInt32LE(sorted.length, 20);
  header.writeUInt32LE(at - headerSize - entries.length, 24);
  header.writeUInt8(littleEndian, 28);
  return Buffer.concat([header, entries, ...strings]);
}

/**
 * glibc's _dl_cache_libcmp: runs of digits compare as numbers, and a digit is greater than any other character.
 *
 * @internal
 */
export function compareNames(a: string, b: string): number {
  let i = 0;
  let j = 0;
  const digit = (text: string, at: number): boolean => /\d/.test(text.charAt(at));
  while (i < a.length) {
    if (digit(a, i)) {
      if (!digit(b, j)) return 1;
      const [first = ""] = /^\d+/.exec(a.slice(i)) ?? [];
      const [second = ""] = /^\d+/.exec(b.slice(j)) ?? [];
      if (Number(first) !== Number(second)) return Number(first) - Number(second);
      i += first.length;
      j += second.length;
    } else if (digit(b, j)) {
      return -1;
    } else if (a.charAt(i) !== b.charAt(j)) {
      return (a.charCodeAt(i) || 0) - (b.charCodeAt(j) || 0);
    } else {
      i++;
      j++;
    }
  }
  return j - b.length;
}
