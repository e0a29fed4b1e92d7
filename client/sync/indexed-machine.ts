// What a browser keeps of a project's machine: file systems in memory, by inode and block, in one database per project.
// Knows no file system: what an inode says besides its content is its owner's.

import { machineName } from "./copy-name.ts";
import { answered, endOf, openDatabase, resultOf } from "./database.ts";

const version = 1;
/** [part, inode number]: what the inode says, its content's size. */
const inodes = "inodes";
/** [part, inode number, index]: a block of its content. */
const blocks = "blocks";
/** By part: the next inode number. By ["used", part]: a number that is larger the later a machine used it. */
const parts = "parts";
const used = "used";

interface ContentSize {
  readonly size: number;
  readonly backed: number;
}

export interface KeptInode {
  readonly ino: number;
  readonly content?: ContentSize;
}

interface State<Inode> {
  readonly nextIno: number;
  readonly inodes: readonly Inode[];
}

type WithBlocks<Inode extends KeptInode, Block> = Omit<Inode, "content"> & {
  readonly content?: ContentSize & { readonly blocks: readonly (readonly [index: number, bytes: Block])[] };
};

interface Change<Inode extends KeptInode> extends State<WithBlocks<Inode, Uint8Array | undefined>> {
  readonly gone: readonly number[];
}

export class MachineDatabase {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** Rejects where this browser keeps nothing. */
  static async open(project: string): Promise<MachineDatabase> {
    const database = await openDatabase(machineName(project), version, (fresh) => {
      for (const store of [inodes, blocks, parts]) fresh.createObjectStore(store);
    });
    // Somebody starts afresh: what is here is not to stand in the way.
    database.addEventListener("versionchange", () => database.close());
    return new MachineDatabase(database);
  }

  /** What is kept, by name: how late it was used, larger than what was used before it; 0 where that is not known. */
  async parts(): Promise<ReadonlyMap<string, number>> {
    const store = this.#database.transaction(parts).objectStore(parts);
    const [keys, values] = await answered(
      Promise.all([resultOf(store.getAllKeys()), resultOf<number[]>(store.getAll())]),
    );
    const found = new Map<string, number>();
    for (const key of keys) if (typeof key === "string") found.set(key, 0);
    for (const [at, key] of keys.entries()) {
      const part = Array.isArray(key) && key[0] === used ? (key as readonly unknown[])[1] : undefined;
      if (typeof part === "string" && found.has(part)) found.set(part, values[at] ?? 0);
    }
    return found;
  }

  /** Notes that the part is used now, and removes others. */
  async use(part: string, use: number, removed: readonly string[]): Promise<void> {
    const transaction = this.#database.transaction([inodes, blocks, parts], "readwrite");
    transaction.objectStore(parts).put(use, [used, part]);
    for (const other of removed) {
      for (const key of [other, [used, other]]) transaction.objectStore(parts).delete(key);
      for (const store of [inodes, blocks]) transaction.objectStore(store).delete(allOf(other));
    }
    await answered(endOf(transaction));
  }

  /** One of the file systems, for whoever knows what its inodes are. */
  part<Inode extends KeptInode>(part: string): IndexedPart<Inode> {
    return new IndexedPart(this.#database, part);
  }
}

export class IndexedPart<Inode extends KeptInode> {
  readonly #database: IDBDatabase;
  readonly #part: string;
  /** Inodes of which there may be blocks. */
  readonly #filled = new Set<number>();

  constructor(database: IDBDatabase, part: string) {
    this.#database = database;
    this.#part = part;
  }

  async load(): Promise<State<WithBlocks<Inode, Uint8Array>> | undefined> {
    const read = this.#database.transaction([inodes, blocks, parts]);
    const range = allOf(this.#part);
    const [nextIno, found, keys, bytes] = await answered(
      Promise.all([
        resultOf<number | undefined>(read.objectStore(parts).get(this.#part)),
        resultOf<Inode[]>(read.objectStore(inodes).getAll(range)),
        resultOf(read.objectStore(blocks).getAllKeys(range)),
        resultOf<Uint8Array[]>(read.objectStore(blocks).getAll(range)),
      ]),
    );
    if (nextIno === undefined) return undefined;
    const byInode = new Map<number, (readonly [number, Uint8Array])[]>();
    for (const [at, key] of keys.entries()) {
      const [, ino, index] = key as unknown as readonly [string, number, number];
      const block = bytes[at];
      if (block === undefined) continue;
      this.#filled.add(ino);
      const own = byInode.get(ino);
      if (own === undefined) byInode.set(ino, [[index, block]]);
      else own.push([index, block]);
    }
    return {
      nextIno,
      inodes: found.map(({ content, ...inode }) => ({
        ...inode,
        ...(content === undefined ? {} : { content: { ...content, blocks: byInode.get(inode.ino) ?? [] } }),
      })),
    };
  }

  /** All of it, or nothing and it rejects. */
  async store({ nextIno, inodes: changed, gone }: Change<Inode>): Promise<void> {
    const transaction = this.#database.transaction([inodes, blocks, parts], "readwrite");
    const ended = endOf(transaction);
    const [ofInodes, ofBlocks] = [transaction.objectStore(inodes), transaction.objectStore(blocks)];
    const part = this.#part;
    transaction.objectStore(parts).put(nextIno, part);
    const empty = (ino: number): void => {
      if (this.#filled.delete(ino)) ofBlocks.delete(IDBKeyRange.bound([part, ino], [part, ino, []]));
    };
    for (const ino of gone) {
      ofInodes.delete([part, ino]);
      empty(ino);
    }
    for (const { content, ...inode } of changed) {
      if (content === undefined) {
        ofInodes.put(inode, [part, inode.ino]);
        empty(inode.ino);
        continue;
      }
      const { blocks: pieces, ...size } = content;
      ofInodes.put({ ...inode, content: size }, [part, inode.ino]);
      if (pieces.length > 0) this.#filled.add(inode.ino);
      for (const [index, bytes] of pieces) {
        if (bytes === undefined) ofBlocks.delete([part, inode.ino, index]);
        else ofBlocks.put(bytes, [part, inode.ino, index]);
      }
    }
    await answered(ended);
  }
}

/** Arrays are after numbers and strings in the order of keys. */
function allOf(part: string): IDBKeyRange {
  return IDBKeyRange.bound([part], [part, []]);
}
