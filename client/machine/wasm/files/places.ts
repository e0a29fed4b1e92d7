// What the paths of one program mean: relative to which directory, and what is there. Reads, never changes.

import { FsError } from "#core/base/errno.ts";
import { isDirectory } from "#machine/fs/file-modes.ts";
import { type Awaitable, isPromise } from "#core/base/awaitable.ts";
import type { Fs, Ino } from "#machine/fs/fs.ts";
import { perform, type Steps, wait } from "../steps.ts";
import { atFdCwd } from "../system.ts";
import type { Descriptors } from "./open-descriptors.ts";
import { lastOf, type Place, type Start, type Trail, walk } from "./walk.ts";

export type NamedPlace = Extract<Place, { kind: "name" }>;

export class Places {
  readonly fs: Fs;
  readonly #open: Descriptors;
  #cwd: Awaitable<Trail>;

  constructor(fs: Fs, open: Descriptors, cwd: string) {
    this.fs = fs;
    this.#open = open;
    this.#cwd = perform(this.#directoryAt({ trail: [fs.root], bound: false }, cwd));
    // Whoever first uses it hears that it is not there.
    if (isPromise(this.#cwd)) this.#cwd.catch(() => undefined);
  }

  *find(dir: number, path: string, follow: boolean): Steps<Place> {
    if (dir !== atFdCwd && path.startsWith("/"))
      throw new FsError("EPERM", "an absolute path leads out of the sandbox");
    return yield* walk(this.fs, yield* this.#start(dir), path, follow);
  }

  /** A path that ends in a name, which need not be there. */
  *named(dir: number, path: string, follow: boolean): Steps<NamedPlace> {
    const place = yield* this.find(dir, path, follow);
    if (place.kind === "directory") throw new FsError("EBUSY");
    return place;
  }

  /** Where something new goes. EEXIST. */
  *free(dir: number, path: string): Steps<{ readonly directory: Ino; readonly name: string }> {
    const place = yield* this.find(dir, path, false);
    if (place.kind === "directory" || place.found !== undefined) throw new FsError("EEXIST");
    if (place.directoryWanted) throw new FsError("ENOENT");
    return { directory: lastOf(place.trail), name: place.name };
  }

  /** Of what is there; an empty path is the descriptor's own (SPEC SYS-3). */
  *inode(dir: number, path: string, follow: boolean): Steps<Ino> {
    if (path === "") return yield* this.#own(dir);
    const place = yield* this.find(dir, path, follow);
    if (place.kind === "directory") return lastOf(place.trail);
    if (place.found === undefined) throw new FsError("ENOENT");
    if (place.directoryWanted && !isDirectory(place.found.mode)) throw new FsError("ENOTDIR");
    return place.found.ino;
  }

  *chdir(path: string): Steps<string> {
    const trail = yield* this.#directoryAt(yield* this.#start(atFdCwd), path);
    this.#cwd = trail;
    let absolute = "";
    for (const [index, ino] of trail.slice(1).entries())
      absolute += `/${yield* this.#nameOf(trail[index] ?? trail[0], ino)}`;
    return absolute === "" ? "/" : absolute;
  }

  *#own(dir: number): Steps<Ino> {
    if (dir === atFdCwd) return lastOf(yield* wait(this.#cwd));
    const found = this.#open.get(dir);
    if (found.kind === "file") return found.ino;
    if (found.kind === "directory") return lastOf(found.trail);
    throw new FsError("EINVAL", "a stream has nothing to change");
  }

  *#start(dir: number): Steps<Start> {
    this.#open.checkLive();
    if (dir === atFdCwd) return { trail: yield* wait(this.#cwd), bound: false };
    const found = this.#open.get(dir);
    if (found.kind !== "directory") throw new FsError("ENOTDIR");
    // Nothing leads out of the root.
    return { trail: found.trail, bound: found.trail.length > 1 || found.trail[0] !== this.fs.root };
  }

  *#directoryAt(start: Start, path: string): Steps<Trail> {
    const place = yield* walk(this.fs, start, path, true);
    if (place.kind === "directory") return place.trail;
    if (place.found === undefined) throw new FsError("ENOENT");
    if (!isDirectory(place.found.mode)) throw new FsError("ENOTDIR");
    return [...place.trail, place.found.ino];
  }

  *#nameOf(directory: Ino, ino: Ino): Steps<string> {
    const listedAtOnce = 256;
    for (let offset = 0; ;) {
      const entries = yield* wait(this.fs.readdir(directory, offset, listedAtOnce));
      if (entries.length === 0) throw new FsError("ENOENT");
      for (const { name, next } of entries) {
        offset = next;
        // By lookup, not by the listed number: a mount hides the number of what it covers.
        if ((yield* wait(this.fs.lookup(directory, name))).ino === ino) return name;
      }
    }
  }
}
