// The open descriptors of one program and what each of them is. Knows numbers, not calls.

import { FsError } from "#core/base/errno.ts";
import type { Ino, OpenFile } from "#machine/fs/fs.ts";
import type { ByteSink, PolledSource } from "./stream.ts";
import type { Trail } from "./walk.ts";

export type Descriptor =
  | { readonly kind: "file"; readonly ino: Ino; file: OpenFile; flags: number; offset: number }
  | { readonly kind: "directory"; readonly trail: Trail; flags: number }
  | { readonly kind: "source"; readonly source: PolledSource; flags: number }
  | { readonly kind: "sink"; readonly sink: ByteSink; flags: number };

export type FileDescriptor = Extract<Descriptor, { kind: "file" }>;

/** RLIMIT_NOFILE as Linux starts with. */
const maxDescriptors = 1024;

export class Descriptors {
  readonly #open = new Map<number, Descriptor>();
  #closed = false;

  find(fd: number): Descriptor | undefined {
    return this.#open.get(fd);
  }

  /** EBADF. */
  get(fd: number): Descriptor {
    const found = this.#open.get(fd);
    if (found === undefined) throw new FsError("EBADF");
    return found;
  }

  file(fd: number): FileDescriptor {
    const found = this.get(fd);
    if (found.kind === "directory") throw new FsError("EISDIR");
    if (found.kind !== "file") throw new FsError("ESPIPE");
    return found;
  }

  /** At the lowest free number. EMFILE. */
  add(descriptor: Descriptor): number {
    this.checkFree();
    let fd = 0;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, descriptor);
    return fd;
  }

  /** Throws where `add` would: before a file is made or opened. */
  checkFree(): void {
    this.checkLive();
    if (this.#open.size >= maxDescriptors) throw new FsError("EMFILE");
  }

  take(fd: number): Descriptor {
    const found = this.get(fd);
    this.#open.delete(fd);
    return found;
  }

  /** For good (SPEC SYS-5): what was open is the caller's to close. */
  close(): Descriptor[] {
    this.#closed = true;
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }

  /** EBADF after `close`. */
  checkLive(): void {
    if (this.#closed) throw new FsError("EBADF", "the program has ended");
  }
}
