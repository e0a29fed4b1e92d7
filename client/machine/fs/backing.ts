// A read-only file of another file system as the backing of a Content.

import type { Backing } from "./content.ts";
import { type Awaitable, chain } from "#core/base/awaitable.ts";
import { type Fs, type Ino, type OpenFile, openFlag } from "./fs.ts";

/** Read-only files need no interrupt: they wait for a fetch at most. */
const noInterrupt = { interrupted: false, on: () => () => undefined };

/** Opens the file at the first read, once. */
export function backingOf(fs: Fs, ino: Ino, size: number): Backing {
  let file: Awaitable<OpenFile> | undefined;
  return {
    size,
    read: (offset, count) =>
      chain((file ??= fs.open(ino, openFlag.readOnly)), (opened) => readFully(opened, offset, count)),
  };
}

/** Exactly the bytes of the range; fewer only at the end of the file. */
function readFully(file: OpenFile, offset: number, count: number): Awaitable<Uint8Array> {
  return chain(file.read(offset, count, noInterrupt), (first) => {
    if (first.length >= count || first.length === 0) return first;
    const whole = new Uint8Array(count);
    whole.set(first);
    return chain(readFully(file, offset + first.length, count - first.length), (rest) => {
      whole.set(rest, first.length);
      return whole.subarray(0, first.length + rest.length);
    });
  });
}
