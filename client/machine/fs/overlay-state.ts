// What an overlay holds beyond its lower file system, as one piece of bytes: a line of JSON, then the contents in order.

import { concatBytes, decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { FineTimes } from "./fine-times.ts";
import type { Ino } from "./fs.ts";
import type { NamedInode } from "./name-table.ts";

/** Changes with the format: what another version wrote is refused. */
const format = "conch-overlay-1";

const newline = 10;

export interface ChangedInode {
  readonly ino: Ino;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly rdev: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly fine?: FineTimes;
  readonly lowerSize: number;
  readonly names: readonly NamedInode[];
  readonly masked: readonly string[];
  readonly parent?: Ino;
  readonly target?: string;
  readonly content?: {
    readonly size: number;
    readonly backed: number;
    readonly blocks: readonly (readonly [index: number, bytes: Uint8Array])[];
  };
  readonly xattrs?: readonly (readonly [name: string, value: Uint8Array])[];
}

export interface OverlayState {
  readonly nextIno: Ino;
  readonly inodes: readonly ChangedInode[];
}

/** Bytes are written behind the JSON, in which only their lengths stay. */
type Stored = Omit<ChangedInode, "content" | "xattrs"> & {
  readonly content?: {
    readonly size: number;
    readonly backed: number;
    readonly blocks: readonly (readonly [index: number, length: number])[];
  };
  readonly xattrs?: readonly (readonly [name: string, length: number])[];
};

export function encodeOverlayState(state: OverlayState): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  const keep = (bytes: Uint8Array): number => {
    pieces.push(bytes);
    return bytes.length;
  };
  const inodes = state.inodes.map(({ content, xattrs, ...rest }): Stored => {
    return {
      ...rest,
      ...(content === undefined
        ? {}
        : {
            content: {
              ...content,
              blocks: content.blocks.map(([index, bytes]) => [index, keep(bytes)] as const),
            },
          }),
      ...(xattrs === undefined
        ? {}
        : { xattrs: xattrs.map(([name, value]) => [name, keep(value)] as const) }),
    };
  });
  const header = encodeUtf8(`${JSON.stringify({ format, nextIno: state.nextIno, inodes })}\n`);
  return concatBytes([header, ...pieces]);
}

/** EPROTO for what is no overlay state of this version. */
export function decodeOverlayState(bytes: Uint8Array): OverlayState {
  const end = bytes.indexOf(newline);
  const header = end === -1 ? undefined : decodeUtf8(bytes.subarray(0, end));
  if (header === undefined || !header.startsWith(`{"format":"${format}"`))
    throw new FsError("EPROTO", "no overlay state, or one of another version");
  const { nextIno, inodes } = JSON.parse(header) as { nextIno: Ino; inodes: readonly Stored[] };
  let offset = end + 1;
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new FsError("EPROTO", "the overlay state is cut short");
    return bytes.slice(offset, (offset += length));
  };
  return {
    nextIno,
    inodes: inodes.map(({ content, xattrs, ...rest }): ChangedInode => {
      return {
        ...rest,
        ...(content === undefined
          ? {}
          : {
              content: {
                ...content,
                blocks: content.blocks.map(([index, length]) => [index, take(length)] as const),
              },
            }),
        ...(xattrs === undefined
          ? {}
          : { xattrs: xattrs.map(([name, length]) => [name, take(length)] as const) }),
      };
    }),
  };
}
