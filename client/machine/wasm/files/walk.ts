// Finds what a path names, a component at a time, from a directory that may be its upper bound (SPEC SYS-2).
// Holds inode numbers of what it passed: a directory that is moved meanwhile does not lead out.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { checkName } from "#core/base/path.ts";
import { isDirectory } from "#machine/fs/file-modes.ts";
import { type Attributes, fileType, type Fs, type Ino } from "#machine/fs/fs.ts";
import { type Steps, wait } from "../steps.ts";
import { systemLimits } from "../system.ts";

/** MAXSYMLINKS of Linux. */
const maxLinks = 40;

/** A directory and those above it, from the bound (or the root) down. Never empty. */
export type Trail = readonly [Ino, ...Ino[]];

export interface Start {
  readonly trail: Trail;
  /** Whether the path must stay beneath the start. */
  readonly bound: boolean;
}

export type Place =
  /** A name in a directory; `found` is missing where nothing has that name. */
  | {
      readonly kind: "name";
      readonly trail: Trail;
      readonly name: string;
      readonly found?: Attributes;
      /** A slash was behind the name. */
      readonly directoryWanted: boolean;
    }
  /** The path ended in "." or "..", or was "/". */
  | { readonly kind: "directory"; readonly trail: Trail };

export function* walk(fs: Fs, start: Start, path: string, follow: boolean): Steps<Place> {
  if (path === "") throw new FsError("ENOENT");
  if (path.includes("\0")) throw new FsError("EINVAL", "a path cannot hold NUL");
  if (path.length * 3 > systemLimits.pathBytes && encodeUtf8(path).length > systemLimits.pathBytes)
    throw new FsError("ENAMETOOLONG");
  const trail: [Ino, ...Ino[]] = [...start.trail];
  // Beneath a start, the start itself is the top.
  if (start.bound) trail.splice(0, trail.length, lastOf(start.trail));
  const names: string[] = [];
  let directoryWanted = false;
  let links = 0;
  const enter = (text: string): void => {
    if (text.startsWith("/")) {
      if (start.bound) throw new FsError("EPERM", "an absolute path leads out of the sandbox");
      trail.splice(0, trail.length, fs.root);
    }
    const parts = text.split("/").filter((part) => part !== "" && part !== ".");
    // A slash or a dot at the end asks for a directory, if this text is what names the last component.
    if (names.length === 0 && /(?:^|\/)\.?$/.test(text) && parts.at(-1) !== "..") directoryWanted = true;
    names.unshift(...parts);
  };
  enter(path);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === "..") {
      if (trail.length > 1) trail.pop();
      else if (start.bound) throw new FsError("EPERM", "the path leads out of the sandbox");
      continue;
    }
    checkName(name);
    const directory = lastOf(trail);
    const last = names.length === 0;
    const found = yield* lookup(fs, directory, name);
    if (found === undefined) {
      if (!last) throw new FsError("ENOENT");
      return { kind: "name", trail, name, directoryWanted };
    }
    if ((found.mode & fileType.mask) === fileType.symlink && (!last || follow || directoryWanted)) {
      if (++links > maxLinks) throw new FsError("ELOOP");
      enter(yield* readLink(fs, found.ino));
      continue;
    }
    if (last) return { kind: "name", trail, name, found, directoryWanted };
    if (!isDirectory(found.mode)) throw new FsError("ENOTDIR");
    trail.push(found.ino);
  }
  return { kind: "directory", trail };
}

export function* readLink(fs: Fs, ino: Ino): Steps<string> {
  if (fs.readlink === undefined) throw new FsError("EINVAL");
  const target = yield* wait(fs.readlink(ino));
  if (target === "") throw new FsError("ENOENT");
  return target;
}

export function lastOf(trail: Trail): Ino {
  return trail[trail.length - 1] ?? trail[0];
}

function* lookup(fs: Fs, directory: Ino, name: string): Steps<Attributes | undefined> {
  try {
    return yield* wait(fs.lookup(directory, name));
  } catch (thrown) {
    if (thrown instanceof FsError && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
