// The calls that make, move and remove names.

import { FsError } from "#core/base/errno.ts";
import { isDirectory } from "#machine/fs/file-modes.ts";
import { fileType } from "#machine/fs/fs.ts";
import { type Steps, wait } from "../steps.ts";
import type { Places } from "./places.ts";
import { lastOf, readLink } from "./walk.ts";

export function* makeDirectory(places: Places, dir: number, path: string, mode: number): Steps<void> {
  const { directory, name } = yield* places.free(dir, withoutSlashes(path));
  yield* wait(places.fs.mkdir(directory, name, mode));
}

export function* unlink(places: Places, dir: number, path: string, directory: boolean): Steps<void> {
  const place = yield* places.find(dir, withoutSlashes(path), false);
  if (place.kind === "directory") throw new FsError(directory ? "EINVAL" : "EISDIR");
  if (place.found === undefined) throw new FsError("ENOENT");
  if (!isDirectory(place.found.mode) && (directory || path.endsWith("/"))) throw new FsError("ENOTDIR");
  yield* wait(places.fs.unlink(lastOf(place.trail), place.name, directory));
}

export function* rename(
  places: Places,
  dir: number,
  path: string,
  newDir: number,
  newPath: string,
): Steps<void> {
  const from = yield* places.named(dir, withoutSlashes(path), false);
  if (from.found === undefined) throw new FsError("ENOENT");
  const slash = path.endsWith("/") || newPath.endsWith("/");
  if (slash && !isDirectory(from.found.mode)) throw new FsError("ENOTDIR");
  const to = yield* places.named(newDir, withoutSlashes(newPath), false);
  // Two names of one file, or one name: nothing to do, says POSIX.
  if (to.found?.ino === from.found.ino) return;
  yield* wait(places.fs.rename(lastOf(from.trail), from.name, lastOf(to.trail), to.name));
}

export function* link(
  places: Places,
  from: { readonly dir: number; readonly path: string; readonly follow: boolean },
  newDir: number,
  newPath: string,
): Steps<void> {
  const { found } = yield* places.named(from.dir, from.path, from.follow);
  if (found === undefined) throw new FsError("ENOENT");
  if (isDirectory(found.mode)) throw new FsError("EPERM");
  const { directory, name } = yield* places.free(newDir, newPath);
  if (places.fs.link === undefined) throw new FsError("EPERM", "no hard links here");
  yield* wait(places.fs.link(directory, name, found.ino));
}

export function* makeSymlink(places: Places, target: string, dir: number, path: string): Steps<void> {
  if (target === "") throw new FsError("ENOENT");
  const { directory, name } = yield* places.free(dir, path);
  if (places.fs.symlink === undefined) throw new FsError("EPERM", "no symbolic links here");
  yield* wait(places.fs.symlink(directory, name, target));
}

export function* readSymlink(places: Places, dir: number, path: string): Steps<string> {
  const place = yield* places.find(dir, path, false);
  if (place.kind === "directory") throw new FsError("EINVAL");
  if (place.found === undefined) throw new FsError("ENOENT");
  if ((place.found.mode & fileType.mask) !== fileType.symlink) throw new FsError("EINVAL");
  return yield* readLink(places.fs, place.found.ino);
}

/** What takes a directory takes a slash behind its name. */
function withoutSlashes(path: string): string {
  return path.length > 1 ? path.replace(/(?<=[^/])\/+$/, "") : path;
}
