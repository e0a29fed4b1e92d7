// A directory as Treaddir wants it: with "." and "..", from a place on, as much as fits.

import { FsError } from "#core/base/errno.ts";
import { type Awaitable, chain } from "#core/base/awaitable.ts";
import { fileType, type Fs, type Ino } from "#machine/fs/fs.ts";
import { writeDirectory } from "./codec.ts";
import { type Fid, qidOf } from "./fids.ts";

/** "." and ".." come before what the file system lists: its places are moved up by this. */
const dotEntries = 2;

/** Fewer bytes an entry cannot take: bounds how many one reply asks the file system for. */
const smallestEntryBytes = 25;

/** Rreaddir's data, at most `limit` bytes. */
export function listDirectory(
  fs: Fs,
  directory: Fid,
  parent: () => Awaitable<Ino>,
  offset: number,
  limit: number,
): Awaitable<Uint8Array> {
  const entries = fs.readdir(
    directory.ino,
    Math.max(0, offset - dotEntries),
    Math.ceil(limit / smallestEntryBytes),
  );
  return chain(offset < dotEntries ? parent() : directory.ino, (parentIno) =>
    chain(entries, (listed) => {
      const dots = [
        { name: ".", ino: directory.ino },
        { name: "..", ino: parentIno },
      ].map((dot, index) => ({
        ...dot,
        type: fileType.directory,
        shared: directory.shared,
        place: index + 1,
      }));
      const all = [
        ...dots.slice(Math.min(offset, dotEntries)),
        ...listed.map((entry) => ({ ...entry, place: entry.next + dotEntries })),
      ];
      const { data, written } = writeDirectory(
        all.map((entry) => ({
          qid: qidOf(entry),
          offset: entry.place,
          type: entry.type >> 12,
          name: entry.name,
        })),
        limit,
      );
      if (written === 0 && all.length > 0) throw new FsError("EINVAL", "no entry fits into so few bytes");
      return data;
    }),
  );
}
