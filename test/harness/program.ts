// A program of a guest, as the file system sees it: calls on behalf of a process, and the ways in which programs save.
// Knows no guest.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Actor, Caller } from "#machine/fs/caller.ts";
import { openFlag } from "#machine/fs/fs.ts";
import type { Fs, OpenFile } from "#machine/fs/fs.ts";
import type { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import { FsDriver, neverInterrupted } from "#test/contracts/fs.ts";

export function newActor(): Actor {
  return { ended: false, run: 0 };
}

/** A process in a group of its own, or in the one that is given. */
export function newCaller(group = newActor(), session = newActor()): Caller {
  return { process: newActor(), group, session };
}

const wholeFile = 1 << 20;

export class Program extends FsDriver {
  constructor(sync: SyncFs, caller: Caller = newCaller()) {
    super(onBehalfOf(sync, caller));
  }

  async open(path: string, flags: number): Promise<OpenFile> {
    return this.fs.open((await this.find(path)).ino, flags);
  }

  async cat(path: string): Promise<string> {
    const file = await this.open(path, openFlag.readOnly);
    const text = decodeUtf8Lossy(await file.read(0, wholeFile, neverInterrupted));
    await file.close();
    return text;
  }

  /** open(path, "w"). */
  async rewrite(path: string, text: string): Promise<void> {
    const file = await this.open(path, openFlag.writeOnly | openFlag.truncate);
    await put(file, 0, text);
    await file.close();
  }

  async append(path: string, text: string): Promise<void> {
    const file = await this.open(path, openFlag.writeOnly | openFlag.append);
    await put(file, 0, text);
    await file.close();
  }

  /** open(path, "r+"): reads all, and writes it changed from the beginning. */
  async patch(path: string, change: (text: string) => string, meanwhile?: () => void): Promise<void> {
    const file = await this.open(path, openFlag.readWrite);
    const text = decodeUtf8Lossy(await file.read(0, wholeFile, neverInterrupted));
    meanwhile?.();
    const changed = change(text);
    await put(file, 0, changed);
    const size = encodeUtf8(changed).length;
    if (size < encodeUtf8(text).length) await this.fs.setattr((await this.find(path)).ino, { size });
    await file.close();
  }

  /** A temporary file, renamed over the file. */
  async replace(path: string, text: string, temporary = `${path}.tmp`): Promise<void> {
    await this.write(temporary, text);
    await this.rename(temporary, path);
  }

  async remake(path: string, text: string): Promise<void> {
    await this.remove(path);
    await this.write(path, text);
  }

  /** The file becomes a backup and is made anew; the backup goes. */
  async saveWithBackup(path: string, text: string): Promise<void> {
    await this.rename(path, `${path}~`);
    await this.write(path, text);
    await this.remove(`${path}~`);
  }
}

async function put(file: OpenFile, offset: number, text: string): Promise<void> {
  const bytes = encodeUtf8(text);
  if (bytes.length > 0) await file.write(offset, bytes, neverInterrupted);
}

/** The same files, for a caller. */
function onBehalfOf(sync: SyncFs, caller: Caller): Fs {
  const calling = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = sync.leaseholder(() => Reflect.apply(value, target, args), caller);
          return result instanceof Promise ? result.then(wrapped) : wrapped(result);
        };
      },
    });
  /** An open file, or what comes with one. */
  const wrapped = (result: unknown): unknown => {
    if (typeof result !== "object" || result === null) return result;
    if ("close" in result) return calling(result);
    if ("file" in result && typeof result.file === "object" && result.file !== null)
      return { ...result, file: calling(result.file) };
    return result;
  };
  return calling<Fs>(sync);
}
