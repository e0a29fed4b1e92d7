// Reads a tar archive entry by entry from where its bytes are, so that a large one is never in memory as a whole.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { blockSize, readHeader, readPaxRecords, TarError } from "./tar.ts";
import type { RawHeader, TarHeader } from "./tar.ts";

export interface TarEntry extends TarHeader {
  /** A file's content; of a hard link, that of the file it names. */
  readonly bytes: () => Promise<Uint8Array>;
}

/** Bytes that are fetched at a time: headers stand close together. */
const windowSize = 256 * 1024;
/** Bytes of a long name or of pax records: more is an attack. */
const mostExtra = 1024 * 1024;

class Source {
  readonly #blob: Blob;
  #window = new Uint8Array();
  #start = 0;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    if (at + length > this.#blob.size) throw new TarError("it ends in the middle of a file");
    if (length > windowSize) return new Uint8Array(await this.#blob.slice(at, at + length).arrayBuffer());
    if (at < this.#start || at + length > this.#start + this.#window.length) {
      this.#window = new Uint8Array(await this.#blob.slice(at, at + windowSize).arrayBuffer());
      this.#start = at;
    }
    return this.#window.slice(at - this.#start, at - this.#start + length);
  }
}

/** The entries of an archive in its order. Devices and the like are left out. Throws TarError. */
export async function* readTar(blob: Blob): AsyncGenerator<TarEntry> {
  const source = new Source(blob);
  const files = new Map<string, { readonly at: number; readonly size: number }>();
  let next = new Map<string, string>();
  const all = new Map<string, string>();
  for (let at = 0; at + blockSize <= source.size;) {
    const header = readHeader(await source.read(at, blockSize));
    at += blockSize;
    if (header === undefined) break;
    const size = ownSize(header, next);
    const content = at;
    at += Math.ceil(size / blockSize) * blockSize;
    if (extras.has(header.type)) {
      if (size > mostExtra) throw new TarError("a name in it is too long");
      takeExtra(header.type, await source.read(content, size), next, all);
      continue;
    }
    const records = new Map([...all, ...next]);
    next = new Map();
    const path = cleanPath(records.get("path") ?? header.path);
    const seconds = Number(records.get("mtime"));
    const common = {
      path,
      mode: header.mode,
      mtime: records.has("mtime") && Number.isFinite(seconds) ? Math.round(seconds * 1000) : header.mtime,
    };
    const target = records.get("linkpath") ?? header.target;
    const none = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array());
    if (header.type === "5") yield { ...common, kind: "dir", size: 0, bytes: none };
    else if (header.type === "2") yield { ...common, kind: "symlink", size: 0, target, bytes: none };
    else if (isFile(header.type)) {
      files.set(path, { at: content, size });
      yield { ...common, kind: "file", size, bytes: () => source.read(content, size) };
    } else if (header.type === "1") {
      const linked = files.get(cleanPath(target));
      if (linked === undefined) throw new TarError(`“${path}” is a link to what is not in it`);
      files.set(path, linked);
      yield { ...common, kind: "file", size: linked.size, bytes: () => source.read(linked.at, linked.size) };
    }
  }
}

const extras: ReadonlySet<string> = new Set(["x", "g", "L", "K"]);

function isFile(type: string): boolean {
  return type === "0" || type === "" || type === "7";
}

function ownSize(header: RawHeader, records: ReadonlyMap<string, string>): number {
  const size = extras.has(header.type) ? header.size : Number(records.get("size") ?? header.size);
  if (!Number.isSafeInteger(size) || size < 0) throw new TarError("it is damaged");
  // A link's size says how large the file is that it names; nothing follows it.
  return header.type === "1" || header.type === "2" || header.type === "5" ? 0 : size;
}

function takeExtra(
  type: string,
  bytes: Uint8Array,
  next: Map<string, string>,
  all: Map<string, string>,
): void {
  if (type === "x" || type === "g") {
    for (const [key, value] of readPaxRecords(bytes)) (type === "x" ? next : all).set(key, value);
  } else next.set(type === "L" ? "path" : "linkpath", decodeUtf8Lossy(bytes).replace(/\0.*$/s, ""));
}

/** Relative and without detours; "" for the top itself. Throws for a path that leads out of the archive. */
function cleanPath(path: string): string {
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  if (steps.includes("..")) throw new TarError(`“${path}” leads out of it`);
  return steps.join("/");
}
