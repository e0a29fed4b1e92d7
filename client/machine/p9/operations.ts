// What each 9P request does to the file system and to the fids. Knows no frames, tags or flushes: server.ts does.

import { FsError } from "#core/base/errno.ts";
import { checkName, splitPath } from "#core/base/path.ts";
import { all, type Awaitable, chain, isPromise } from "#core/base/awaitable.ts";
import { type Attributes, fileType, type Fs, type Ino, type OpenFile, openFlag } from "#machine/fs/fs.ts";
import { getattrReply, setattrChange } from "./attributes.ts";
import { readOverheadBytes } from "./codec.ts";
import { type Fid, fidOf, type FidState, FidTable, qidOf } from "./fids.ts";
import type { RequestInterrupt } from "./interrupt.ts";
import { listDirectory } from "./listing.ts";
import { lockRange, LockTable } from "./locks.ts";
import {
  atRemoveDir,
  lockKind,
  lockStatus,
  type MessageOf,
  noFid,
  type Reply,
  type RequestKind,
} from "./messages.ts";
import { beginXattr, readXattr, storeXattr, writeXattr } from "./xattrs.ts";

/** One request while it is worked on. */
export interface Call {
  readonly interrupt: RequestInterrupt;
  /** Already answered with EINTR: whatever it still brings is thrown away, and no fid may come of it. */
  readonly abandoned: boolean;
}

/** Limits of the protocol and of Linux. */
const maxWalkNames = 16;

/**
 * What statfs(2) calls the file system. Of what others change too we say FUSE's number: coreutils count that as remote
 * (v9fs as local), so that tail(1) looks for itself and does not wait for inotify, which never hears of colleagues.
 */
const fsMagic = { own: 0x01021997, shared: 0x65735546 } as const;

type Handled = Exclude<RequestKind, "Tversion" | "Tflush">;
type Handlers = { readonly [K in Handled]: (request: MessageOf<K>, call: Call) => Awaitable<Reply> };

export class Operations implements Handlers {
  readonly #fs: Fs;
  readonly #now: () => number;
  readonly fids = new FidTable();
  readonly #locks = new LockTable();
  /** Agreed on by Tversion. */
  msize: number;

  constructor(fs: Fs, now: () => number, msize: number) {
    this.#fs = fs;
    this.#now = now;
    this.msize = msize;
  }

  Tauth(): Reply {
    throw new FsError("EOPNOTSUPP", "no authentication: the machine is the guest's own");
  }

  Tattach({ fid, authFid, attachName, uid }: MessageOf<"Tattach">, call: Call): Awaitable<Reply> {
    if (authFid !== noFid) throw new FsError("EACCES", "no authentication fid is known");
    this.fids.checkFree(fid);
    let found = this.#fs.getattr(this.#fs.root);
    for (const name of splitPath(attachName)) found = chain(found, ({ ino }) => this.#fs.lookup(ino, name));
    return chain(found, (attributes) => {
      const attached = fidOf(attributes, uid === noFid ? 0 : uid);
      if (!call.abandoned) this.fids.set(fid, attached);
      return { kind: "Rattach", qid: qidOf(attached) };
    });
  }

  Twalk({ fid, newFid, names }: MessageOf<"Twalk">, call: Call): Awaitable<Reply> {
    const start = this.fids.get(fid);
    if (newFid !== fid) this.fids.checkFree(newFid);
    if (names.length > maxWalkNames) throw new FsError("EINVAL", `at most ${maxWalkNames} names in one walk`);
    if (start.use?.kind === "xattr-read" || start.use?.kind === "xattr-write")
      throw new FsError("EINVAL", "an xattr fid leads nowhere");
    if (newFid === fid && start.use !== undefined) throw new FsError("EBADF", "an open fid cannot walk away");
    const path: Fid[] = [];
    const done = (): Reply => {
      const { use: _opened, ...unopened } = path.at(-1) ?? start;
      if (path.length === names.length && !call.abandoned) this.fids.set(newFid, unopened);
      return { kind: "Rwalk", qids: path.map(qidOf) };
    };
    /** A walk that fails behind its first name is a shorter answer, not an error. */
    const failed = (thrown: unknown): Reply => {
      if (path.length === 0) throw thrown;
      return done();
    };
    const step = (): Awaitable<Reply> => {
      const name = names[path.length];
      if (name === undefined) return done();
      try {
        const next = chain(this.#walkOne(path.at(-1) ?? start, name), (found) => void path.push(found));
        return isPromise(next) ? next.then(step, failed) : step();
      } catch (thrown) {
        return failed(thrown);
      }
    };
    return step();
  }

  Tlopen({ fid, flags }: MessageOf<"Tlopen">, call: Call): Awaitable<Reply> {
    const opened = this.fids.get(fid);
    if (opened.use !== undefined) throw new FsError("EBADF", "already open");
    const reply: Reply = { kind: "Rlopen", qid: qidOf(opened), iounit: 0 };
    if (opened.type === fileType.directory) {
      if ((flags & openFlag.accessMode) !== openFlag.readOnly) throw new FsError("EISDIR");
      opened.use = { kind: "directory", flags };
      return reply;
    }
    return chain(this.#fs.open(opened.ino, flags), (file) =>
      chain(readyOrClosed(file), () => {
        if (call.abandoned) return chain(file.close(), () => reply);
        opened.use = { kind: "file", file, flags };
        return reply;
      }),
    );
  }

  Tlcreate({ fid, name, flags, mode, gid }: MessageOf<"Tlcreate">): Awaitable<Reply> {
    const directory = this.#unopened(fid);
    checkName(name);
    return chain(this.#fs.create(directory.ino, name, flags, mode & 0o7777), ({ attributes, file }) => {
      const created: Fid = {
        ...fidOf(attributes, directory.uid, { directory: directory.ino, name }),
        use: { kind: "file", file, flags },
      };
      this.fids.set(fid, created);
      return chain(this.#own(attributes, directory.uid, gid), () => ({
        kind: "Rlcreate",
        qid: qidOf(created),
        iounit: 0,
      }));
    });
  }

  Tmkdir({ fid, name, mode, gid }: MessageOf<"Tmkdir">): Awaitable<Reply> {
    const { ino, uid } = this.fids.get(fid);
    checkName(name);
    return chain(this.#fs.mkdir(ino, name, mode & 0o7777), (made) =>
      chain(this.#own(made, uid, gid), () => ({ kind: "Rmkdir", qid: qidOf(fidOf(made, uid)) })),
    );
  }

  Tsymlink({ fid, name, target, gid }: MessageOf<"Tsymlink">): Awaitable<Reply> {
    const { ino, uid } = this.fids.get(fid);
    checkName(name);
    if (this.#fs.symlink === undefined) throw new FsError("EPERM", "no symbolic links here");
    return chain(this.#fs.symlink(ino, name, target), (made) =>
      chain(this.#own(made, uid, gid), () => ({ kind: "Rsymlink", qid: qidOf(fidOf(made, uid)) })),
    );
  }

  Tmknod({ fid, name, mode, major, minor, gid }: MessageOf<"Tmknod">): Awaitable<Reply> {
    const { ino, uid } = this.fids.get(fid);
    checkName(name);
    if (this.#fs.mknod === undefined) throw new FsError("EPERM", "no special files here");
    // new_encode_dev() of Linux.
    const rdev = (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12);
    return chain(this.#fs.mknod(ino, name, mode, rdev >>> 0), (made) =>
      chain(this.#own(made, uid, gid), () => ({ kind: "Rmknod", qid: qidOf(fidOf(made, uid)) })),
    );
  }

  Treadlink({ fid }: MessageOf<"Treadlink">): Awaitable<Reply> {
    const { ino } = this.fids.get(fid);
    if (this.#fs.readlink === undefined) throw new FsError("EINVAL");
    return chain(this.#fs.readlink(ino), (target) => ({ kind: "Rreadlink", target }));
  }

  Tlink({ directory, fid, name }: MessageOf<"Tlink">): Awaitable<Reply> {
    const to = this.fids.get(directory);
    const { ino } = this.fids.get(fid);
    checkName(name);
    if (this.#fs.link === undefined) throw new FsError("EPERM", "no hard links here");
    return chain(this.#fs.link(to.ino, name, ino), () => ({ kind: "Rlink" }));
  }

  Trename({ fid, directory, name }: MessageOf<"Trename">): Awaitable<Reply> {
    const renamed = this.fids.get(fid);
    const to = this.fids.get(directory);
    checkName(name);
    return chain(this.#stillAt(renamed), (at) =>
      chain(this.#fs.rename(at.directory, at.name, to.ino, name), () => {
        this.fids.set(fid, { ...renamed, at: { directory: to.ino, name } });
        return { kind: "Rrename" };
      }),
    );
  }

  Trenameat({ from, name, to, newName }: MessageOf<"Trenameat">): Awaitable<Reply> {
    const source = this.fids.get(from);
    const target = this.fids.get(to);
    checkName(newName);
    return chain(this.#fs.rename(source.ino, name, target.ino, newName), () => ({ kind: "Rrenameat" }));
  }

  Tunlinkat({ fid, name, flags }: MessageOf<"Tunlinkat">): Awaitable<Reply> {
    const { ino } = this.fids.get(fid);
    return chain(this.#fs.unlink(ino, name, (flags & atRemoveDir) !== 0), () => ({ kind: "Runlinkat" }));
  }

  Tremove({ fid }: MessageOf<"Tremove">): Awaitable<Reply> {
    const removed = this.fids.get(fid);
    this.fids.delete(fid);
    return chain(this.#release(fid, removed), () =>
      chain(this.#stillAt(removed), (at) =>
        chain(this.#fs.unlink(at.directory, at.name, removed.type === fileType.directory), () => ({
          kind: "Rremove",
        })),
      ),
    );
  }

  Tclunk({ fid }: MessageOf<"Tclunk">): Awaitable<Reply> {
    const clunked = this.fids.get(fid);
    // The fid is gone even where closing fails.
    this.fids.delete(fid);
    return chain(this.#release(fid, clunked), () => ({ kind: "Rclunk" }));
  }

  Tgetattr({ fid }: MessageOf<"Tgetattr">): Awaitable<Reply> {
    // Before the attributes: what changes while they are fetched ends the lease.
    const lease = this.#fs.lease?.() ?? 0;
    return chain(this.#fs.getattr(this.fids.get(fid).ino), (found) => getattrReply(found, lease));
  }

  Tsetattr(request: MessageOf<"Tsetattr">): Awaitable<Reply> {
    const { ino } = this.fids.get(request.fid);
    return chain(this.#fs.setattr(ino, setattrChange(request, this.#now)), () => ({ kind: "Rsetattr" }));
  }

  Tstatfs({ fid }: MessageOf<"Tstatfs">): Awaitable<Reply> {
    const { ino, shared } = this.fids.get(fid);
    return chain(this.#fs.statfs(ino), (status) => ({
      kind: "Rstatfs",
      fsType: shared ? fsMagic.shared : fsMagic.own,
      blockSize: status.blockSize,
      blocks: status.blocks,
      blocksFree: status.blocksFree,
      blocksAvailable: status.blocksFree,
      files: status.files,
      filesFree: status.filesFree,
      fsid: 0,
      nameMax: 255,
    }));
  }

  Tread({ fid, offset, count }: MessageOf<"Tread">, { interrupt }: Call): Awaitable<Reply> {
    const { use } = this.fids.get(fid);
    if (use === undefined || use.kind === "xattr-write") throw new FsError("EBADF", "not open for reading");
    if (use.kind === "directory") throw new FsError("EISDIR");
    const wanted = Math.min(count, this.msize - readOverheadBytes);
    if (use.kind === "xattr-read")
      return { kind: "Rread", data: use.value.subarray(offset, offset + wanted) };
    return chain(use.file.read(offset, wanted, interrupt), (data) => {
      if (data.length > wanted)
        throw new Error(`invariant violation: ${data.length} bytes read, ${wanted} asked for`);
      return { kind: "Rread", data };
    });
  }

  Twrite({ fid, offset, data }: MessageOf<"Twrite">, { interrupt }: Call): Awaitable<Reply> {
    const { use } = this.fids.get(fid);
    if (use === undefined || use.kind === "xattr-read") throw new FsError("EBADF", "not open for writing");
    if (use.kind === "directory") throw new FsError("EISDIR");
    if (use.kind === "file") {
      if (data.length === 0) return { kind: "Rwrite", count: 0 };
      return chain(use.file.write(offset, data, interrupt), (count) => ({ kind: "Rwrite", count }));
    }
    return { kind: "Rwrite", count: writeXattr(use, offset, data) };
  }

  Treaddir({ fid, offset, count }: MessageOf<"Treaddir">): Awaitable<Reply> {
    const directory = this.fids.get(fid);
    if (directory.type !== fileType.directory) throw new FsError("ENOTDIR");
    if (directory.use?.kind !== "directory") throw new FsError("EBADF", "not open");
    const limit = Math.min(count, this.msize - readOverheadBytes);
    return chain(
      listDirectory(this.#fs, directory, () => this.#parent(directory), offset, limit),
      (data) => ({ kind: "Rreaddir", data }),
    );
  }

  Tfsync({ fid }: MessageOf<"Tfsync">): Awaitable<Reply> {
    const { use } = this.fids.get(fid);
    if (use?.kind !== "file") return { kind: "Rfsync" };
    return chain(use.file.fsync(), () => ({ kind: "Rfsync" }));
  }

  Txattrwalk({ fid, newFid, name }: MessageOf<"Txattrwalk">, call: Call): Awaitable<Reply> {
    const { use: _opened, ...base } = this.fids.get(fid);
    this.fids.checkFree(newFid);
    return chain(readXattr(this.#fs, base.ino, name), (value) => {
      if (!call.abandoned) this.fids.set(newFid, { ...base, use: { kind: "xattr-read", value } });
      return { kind: "Rxattrwalk", size: value.length };
    });
  }

  Txattrcreate({ fid, name, size, flags }: MessageOf<"Txattrcreate">): Reply {
    const target = this.#unopened(fid);
    target.use = beginXattr(this.#fs, name, size, flags);
    return { kind: "Rxattrcreate" };
  }

  Tlock({ fid, ...asked }: MessageOf<"Tlock">): Reply {
    const granted = this.#locks.apply(this.fids.get(fid).ino, lockRange(fid, asked));
    return { kind: "Rlock", status: granted ? lockStatus.success : lockStatus.blocked };
  }

  Tgetlock({ fid, ...asked }: MessageOf<"Tgetlock">): Reply {
    const held = this.#locks.conflict(this.fids.get(fid).ino, lockRange(fid, asked));
    const { start, length, process, client } = asked;
    if (held === undefined)
      return { kind: "Rgetlock", lock: lockKind.unlock, start, length, process, client };
    const heldLength = held.end === Infinity ? 0 : held.end - held.start;
    return {
      kind: "Rgetlock",
      lock: held.lock,
      start: held.start,
      length: heldLength,
      process: held.process,
      client: held.client,
    };
  }

  /** Closes everything: the end of the session. One that does not close keeps no other open; who would hear of it has gone. */
  reset(failed: (thrown: unknown) => void): Awaitable<void> {
    this.#locks.clear();
    const closing = this.fids.take().map(([, { use }]): Awaitable<void> => {
      if (use?.kind !== "file") return undefined;
      try {
        const closed = use.file.close();
        return isPromise(closed) ? closed.catch(failed) : undefined;
      } catch (thrown) {
        return failed(thrown);
      }
    });
    return chain(all(closing), () => undefined);
  }

  /** Puts exported fids back. Returns those whose file is no longer there or cannot be opened again. */
  async importFids(states: readonly FidState[]): Promise<FidState[]> {
    const lost: FidState[] = [];
    for (const state of states) {
      try {
        const fid = fidOf(await this.#fs.getattr(state.ino), state.uid ?? 0);
        if (state.flags !== undefined) {
          const flags = state.flags & ~(openFlag.create | openFlag.exclusive | openFlag.truncate);
          fid.use =
            fid.type === fileType.directory
              ? { kind: "directory", flags }
              : { kind: "file", file: await this.#fs.open(state.ino, flags), flags };
        }
        this.fids.set(state.fid, fid);
      } catch (thrown) {
        if (!(thrown instanceof FsError)) throw thrown;
        // The number stays taken: the guest will clunk it.
        this.fids.set(state.fid, {
          ino: state.ino,
          type: fileType.regular,
          shared: true,
          uid: state.uid ?? 0,
        });
        lost.push(state);
      }
    }
    return lost;
  }

  #unopened(number: number): Fid {
    const fid = this.fids.get(number);
    if (fid.use !== undefined) throw new FsError("EBADF", "already open");
    return fid;
  }

  #walkOne(from: Fid, name: string): Awaitable<Fid> {
    if (from.type !== fileType.directory) throw new FsError("ENOTDIR");
    if (name === "..")
      return chain(this.#parent(from), (ino) =>
        chain(this.#fs.getattr(ino), (found) => fidOf(found, from.uid)),
      );
    if (name === ".") return from;
    checkName(name);
    return chain(this.#fs.lookup(from.ino, name), (found) =>
      fidOf(found, from.uid, { directory: from.ino, name }),
    );
  }

  #parent(directory: Fid): Awaitable<Ino> {
    if (directory.ino === this.#fs.root) return directory.ino;
    if (this.#fs.parent !== undefined) return this.#fs.parent(directory.ino);
    return directory.at?.directory ?? directory.ino;
  }

  /** Where the fid's file was found, if it is still there. */
  #stillAt(fid: Fid): Awaitable<NonNullable<Fid["at"]>> {
    const { at } = fid;
    if (at === undefined) throw new FsError("EBUSY", "this fid was not walked to by a name");
    return chain(this.#fs.lookup(at.directory, at.name), ({ ino }) => {
      if (ino !== fid.ino) throw new FsError("ENOENT", "the file has moved");
      return at;
    });
  }

  /** The creator owns what it makes; everything is made by root, who needs no second call. */
  #own(made: Attributes, uid: number, gid: number): Awaitable<void> {
    const group = gid === noFid ? 0 : gid;
    if (made.uid === uid && made.gid === group) return undefined;
    return chain(this.#fs.setattr(made.ino, { uid, gid: group }), () => undefined);
  }

  #release(number: number, fid: Fid): Awaitable<void> {
    this.#locks.release(fid.ino, number);
    const { use } = fid;
    if (use?.kind === "file") return use.file.close();
    if (use?.kind === "xattr-write") return storeXattr(this.#fs, fid.ino, use);
    return undefined;
  }
}

/** A file that is not to be had whole is not open. */
function readyOrClosed(file: OpenFile): Awaitable<void> {
  const ready = file.ready?.();
  if (!isPromise(ready)) return undefined;
  return ready.catch(async (thrown: unknown) => {
    await file.close();
    throw thrown;
  });
}
