// The fids of one 9P session: the client's numbers for files that it walked to or opened.

import { FsError } from "#core/base/errno.ts";
import { type Attributes, fileType, type Ino, type OpenFile } from "#machine/fs/fs.ts";
import { type Qid, qidType } from "./messages.ts";

/** What a fid was opened as. A directory has no OpenFile. */
export type FidUse =
  | { readonly kind: "file"; readonly file: OpenFile; readonly flags: number }
  | { readonly kind: "directory"; readonly flags: number }
  | { readonly kind: "xattr-read"; readonly value: Uint8Array }
  | {
      readonly kind: "xattr-write";
      readonly name: string;
      readonly flags: number;
      readonly value: Uint8Array;
      written: number;
    };

export interface Fid {
  readonly ino: Ino;
  /** File type bits of the mode. */
  readonly type: number;
  readonly shared: boolean;
  readonly leased?: boolean;
  /** Who attached: owner of what is created through it. */
  readonly uid: number;
  /** Where the walk found it, for Tremove and Trename, which name no directory. */
  readonly at?: { readonly directory: Ino; readonly name: string };
  use?: FidUse;
}

/** How a fid survives a snapshot. */
export interface FidState {
  readonly fid: number;
  readonly ino: Ino;
  readonly uid?: number;
  /** open(2) flags where it was open. */
  readonly flags?: number;
}

export function fidOf(
  attributes: Pick<Attributes, "ino" | "mode" | "shared" | "leased">,
  uid: number,
  at?: Fid["at"],
): Fid {
  const { ino, mode, shared, leased } = attributes;
  return {
    ino,
    type: mode & fileType.mask,
    shared,
    uid,
    ...(leased === true ? { leased } : {}),
    ...(at === undefined ? {} : { at }),
  };
}

/** What qid.version tells our kernel: to ask at every use, to ask when the lease has changed, or never to ask. */
const qidVersion = { strict: 0, loose: 1, leased: 2 } as const;

/** The version never changes in a file's life. */
export function qidOf(file: Pick<Fid, "ino" | "type" | "shared" | "leased">): Qid {
  const type =
    file.type === fileType.directory
      ? qidType.directory
      : file.type === fileType.symlink
        ? qidType.symlink
        : qidType.file;
  const version = file.leased === true ? "leased" : file.shared ? "strict" : "loose";
  return { type, version: qidVersion[version], path: file.ino };
}

export class FidTable {
  readonly #fids = new Map<number, Fid>();

  get size(): number {
    return this.#fids.size;
  }

  /** EBADF where the client never made it. */
  get(number: number): Fid {
    const fid = this.#fids.get(number);
    if (fid === undefined) throw new FsError("EBADF", `there is no fid ${number}`);
    return fid;
  }

  /** EBADF where the number is in use. */
  checkFree(number: number): void {
    if (this.#fids.has(number)) throw new FsError("EBADF", `fid ${number} is in use`);
  }

  set(number: number, fid: Fid): void {
    this.#fids.set(number, fid);
  }

  delete(number: number): void {
    this.#fids.delete(number);
  }

  /** Forgets all of them. */
  take(): [number, Fid][] {
    const all = [...this.#fids];
    this.#fids.clear();
    return all;
  }

  export(): FidState[] {
    const states: FidState[] = [];
    for (const [fid, { ino, uid, use }] of this.#fids) {
      const flags = use?.kind === "file" || use?.kind === "directory" ? { flags: use.flags } : {};
      states.push({ fid, ino, ...(uid === 0 ? {} : { uid }), ...flags });
    }
    return states;
  }
}
