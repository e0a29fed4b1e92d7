// The guest's side of /task for tests: does with the file system what the agent and the kernel do, and nothing else.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { openFlag, type Fs, type Interrupt, type OpenFile } from "#machine/fs/fs.ts";

/** A Tflush that a test sends when it likes. */
export class ManualInterrupt implements Interrupt {
  interrupted = false;
  readonly #listeners = new Set<() => void>();

  on(listener: () => void): Disposer {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  fire(): void {
    this.interrupted = true;
    for (const listener of this.#listeners) listener();
  }
}

export class GuestSide {
  readonly #fs: Fs;
  #inbox: OpenFile | undefined;

  constructor(fs: Fs) {
    this.#fs = fs;
  }

  /** Opens a file by its path below /task. */
  async open(path: string, flags: number = openFlag.readOnly): Promise<OpenFile> {
    let ino = this.#fs.root;
    for (const name of path.split("/")) ino = (await this.#fs.lookup(ino, name)).ino;
    return this.#fs.open(ino, flags);
  }

  async names(path: string): Promise<string[]> {
    let ino = this.#fs.root;
    for (const name of path.split("/").filter((part) => part !== ""))
      ino = (await this.#fs.lookup(ino, name)).ino;
    const entries = await this.#fs.readdir(ino, 0, 1000);
    return entries.map((entry) => entry.name);
  }

  /** As cat does: to the end of the file. */
  async read(path: string): Promise<string> {
    const file = await this.open(path);
    let text = "";
    for (let offset = 0; ;) {
      const data = await file.read(offset, 4096, new ManualInterrupt());
      if (data.length === 0) {
        await file.close();
        return text;
      }
      text += decodeUtf8Lossy(data);
      offset += data.length;
    }
  }

  async write(path: string, text: string, interrupt: Interrupt = new ManualInterrupt()): Promise<number> {
    const file = await this.open(path, openFlag.writeOnly);
    return file.write(0, encodeUtf8(text), interrupt);
  }

  /** As the shell's `>` does. */
  async rewrite(path: string, text: string): Promise<void> {
    const file = await this.open(path, openFlag.writeOnly | openFlag.truncate);
    await file.write(0, encodeUtf8(text), new ManualInterrupt());
    await file.close();
  }

  /** The next request of the inbox; waits for it. */
  async request(): Promise<string> {
    this.#inbox ??= await this.open("inbox");
    return decodeUtf8Lossy(await this.#inbox.read(0, 16 * 1024, new ManualInterrupt()));
  }
}
