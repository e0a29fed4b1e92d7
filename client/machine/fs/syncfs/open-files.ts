// The open files of a guest, so that they can be carried along when what they belong to comes into the project or
// leaves it. Knows neither bytes nor names: a file has a key, which is the node's id or the number of a local inode.

import type { NodeId } from "#core/project/project.ts";
import { openFlag } from "../fs.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Ino, Interrupt, OpenFile } from "../fs.ts";

type Key = NodeId | Ino;

export class OpenFiles {
  readonly #files = new Map<Key, Set<CarriedFile>>();

  /** The file as the guest gets it. Of a write that would go beyond `limit` bytes, what fits is written. */
  track(key: Key, flags: number, file: OpenFile, limit = Number.POSITIVE_INFINITY): OpenFile {
    const carried = new CarriedFile(file, flags, limit, (closed) => this.#forget(closed));
    this.#add(key, carried);
    return carried;
  }

  /** The descriptors of one belong to the other from now on: both mean the same content already. */
  join(from: Key, to: Key): void {
    for (const file of this.#take(from)) this.#add(to, file);
  }

  /** The content is elsewhere now: each descriptor is opened anew there. */
  carry(from: Key, to: Key, open: (flags: number) => OpenFile): void {
    const made = openFlag.create | openFlag.exclusive | openFlag.truncate;
    for (const file of this.#take(from)) {
      file.reopen(open(file.flags & ~made));
      this.#add(to, file);
    }
  }

  #take(key: Key): ReadonlySet<CarriedFile> {
    const files = this.#files.get(key) ?? new Set<CarriedFile>();
    this.#files.delete(key);
    return files;
  }

  #add(key: Key, file: CarriedFile): void {
    file.key = key;
    const files = this.#files.get(key);
    if (files === undefined) this.#files.set(key, new Set([file]));
    else files.add(file);
  }

  #forget(file: CarriedFile): void {
    const files = this.#files.get(file.key);
    files?.delete(file);
    if (files?.size === 0) this.#files.delete(file.key);
  }
}

class CarriedFile implements OpenFile {
  readonly flags: number;
  key: Key = "";
  readonly #limit: number;
  readonly #closed: (file: CarriedFile) => void;
  #file: OpenFile;

  constructor(file: OpenFile, flags: number, limit: number, closed: (file: CarriedFile) => void) {
    this.#file = file;
    this.flags = flags;
    this.#limit = limit;
    this.#closed = closed;
  }

  /** Whatever was written before is in the new place already. */
  reopen(file: OpenFile): void {
    const before = this.#file;
    this.#file = file;
    const closing = before.close();
    // What it could not commit is in the copy that was carried over.
    if (closing instanceof Promise) closing.catch(() => undefined);
  }

  read(offset: number, count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    return this.#file.read(offset, count, interrupt);
  }

  write(offset: number, data: Uint8Array, interrupt: Interrupt): Awaitable<number> {
    const room = this.#limit - offset;
    const fits = room > 0 && room < data.length ? data.subarray(0, room) : data;
    return this.#file.write(offset, fits, interrupt);
  }

  fsync(): Awaitable<void> {
    return this.#file.fsync();
  }

  close(): Awaitable<void> {
    this.#closed(this);
    return this.#file.close();
  }
}
