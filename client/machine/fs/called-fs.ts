// A file system as a caller sees it that is no process of the guest: every call is made on its behalf.
// Knows neither who the caller is nor what the file system does with it.

import type { Caller } from "./caller.ts";
import { chain } from "#core/base/awaitable.ts";
import type { Fs, OpenFile } from "./fs.ts";

type Act = <T>(work: () => T) => T;

/** The file system itself, where it does not tell callers apart. */
export function calledBy(caller: Caller, fs: Fs): Fs {
  const actFor = fs.onBehalfOf?.bind(fs);
  if (actFor === undefined) return fs;
  const act: Act = (work) => actFor(caller, work);
  return {
    root: fs.root,
    lookup: (directory, name) => act(() => fs.lookup(directory, name)),
    getattr: (ino) => act(() => fs.getattr(ino)),
    setattr: (ino, change) => act(() => fs.setattr(ino, change)),
    open: (ino, flags) =>
      chain(
        act(() => fs.open(ino, flags)),
        (file) => calledFile(act, file),
      ),
    create: (directory, name, flags, mode) =>
      chain(
        act(() => fs.create(directory, name, flags, mode)),
        ({ attributes, file }) => ({
          attributes,
          file: calledFile(act, file),
        }),
      ),
    mkdir: (directory, name, mode) => act(() => fs.mkdir(directory, name, mode)),
    unlink: (directory, name, directoryWanted) => act(() => fs.unlink(directory, name, directoryWanted)),
    rename: (from, name, to, newName) => act(() => fs.rename(from, name, to, newName)),
    readdir: (directory, offset, limit) => act(() => fs.readdir(directory, offset, limit)),
    statfs: (ino) => act(() => fs.statfs(ino)),
    ...optionalCalls(act, fs),
  };
}

/** What the file system can do besides. A guest's kernel is no such caller: it alone holds leases. */
function optionalCalls(act: Act, fs: Fs): Omit<Partial<Fs>, "leaseholder" | "onBehalfOf"> {
  const called =
    <Args extends unknown[], Result>(method: (...args: Args) => Result) =>
    (...args: Args): Result =>
      act(() => method(...args));
  const symlink = fs.symlink?.bind(fs);
  const readlink = fs.readlink?.bind(fs);
  const link = fs.link?.bind(fs);
  const mknod = fs.mknod?.bind(fs);
  const getxattr = fs.getxattr?.bind(fs);
  const listxattr = fs.listxattr?.bind(fs);
  const setxattr = fs.setxattr?.bind(fs);
  const removexattr = fs.removexattr?.bind(fs);
  const lease = fs.lease?.bind(fs);
  const parent = fs.parent?.bind(fs);
  return {
    ...(symlink === undefined ? {} : { symlink: called(symlink) }),
    ...(readlink === undefined ? {} : { readlink: called(readlink) }),
    ...(link === undefined ? {} : { link: called(link) }),
    ...(mknod === undefined ? {} : { mknod: called(mknod) }),
    ...(getxattr === undefined ? {} : { getxattr: called(getxattr) }),
    ...(listxattr === undefined ? {} : { listxattr: called(listxattr) }),
    ...(setxattr === undefined ? {} : { setxattr: called(setxattr) }),
    ...(removexattr === undefined ? {} : { removexattr: called(removexattr) }),
    ...(lease === undefined ? {} : { lease: called(lease) }),
    ...(parent === undefined ? {} : { parent: called(parent) }),
  };
}

function calledFile(act: Act, file: OpenFile): OpenFile {
  const ready = file.ready?.bind(file);
  return {
    read: (offset, count, interrupt) => act(() => file.read(offset, count, interrupt)),
    write: (offset, data, interrupt) => act(() => file.write(offset, data, interrupt)),
    fsync: () => act(() => file.fsync()),
    ...(ready === undefined ? {} : { ready: () => act(ready) }),
    close: () => act(() => file.close()),
  };
}
