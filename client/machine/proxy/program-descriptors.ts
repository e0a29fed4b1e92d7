// The program's numbers for what it has open: of its proxy process, or of the namespace itself.

import { FsError } from "#core/base/errno.ts";

export type Descriptor =
  | {
      readonly kind: "guest";
      /** The process's number. */
      readonly fd: number;
      /** Whether reading and writing may take as long as they like. */
      readonly blocks: boolean;
      /** Where it was found, if that was plain: of a directory, what paths are relative to. */
      readonly path?: string;
      /** Of a directory: behind which entry it stands. */
      position: number;
    }
  | { readonly kind: "direct"; readonly fd: number };

const maxOpen = 1024;

export class Descriptors {
  readonly #open: (Descriptor | undefined)[] = [];

  /** The lowest free number. EMFILE. */
  add(descriptor: Descriptor): number {
    const free = this.#open.indexOf(undefined);
    const fd = free === -1 ? this.#open.length : free;
    if (fd >= maxOpen) throw new FsError("EMFILE");
    this.#open[fd] = descriptor;
    return fd;
  }

  find(fd: number): Descriptor | undefined {
    return this.#open[fd];
  }

  get(fd: number): Descriptor {
    const found = this.#open[fd];
    if (found === undefined) throw new FsError("EBADF");
    return found;
  }

  take(fd: number): Descriptor {
    const found = this.get(fd);
    this.#open[fd] = undefined;
    return found;
  }

  clear(): void {
    this.#open.length = 0;
  }
}
