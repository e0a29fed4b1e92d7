// The content of one node while somebody in the guest has it open: the bytes as they are in the document, or the
// guest's working copy of them until it is committed. SPEC.md says when that is.

import type { Disposer } from "#core/base/disposable.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { TextBase } from "#core/project/commit.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import { chain, isPromise } from "../fs.ts";
import type { Awaitable } from "../fs.ts";
import { sha256 } from "../sha256.ts";
import { Growable } from "./growable.ts";

/** Without a write for so long, what was written is committed. */
const idleMilliseconds = 300;

/** A writer that never pauses is committed this often, as long as that is cheap: `eagerLimitBytes`. */
const patienceMilliseconds = 2000;
const eagerLimitBytes = 1024 * 1024;

/** Hashing takes time too: for each MiB of a bytes file the pause must be so much longer. */
const idlePerMebibyte = 20;

export interface OpenNodeHost {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly now: () => number;
  readonly schedule: (milliseconds: number, work: () => void) => Disposer;
  /** Brings a working copy into the document. */
  readonly commit: (
    id: NodeId,
    bytes: Uint8Array,
    base: WriteBase | undefined,
    hash: string | undefined,
  ) => void;
  /** The guest changed the content, though not yet the document. */
  readonly written: (id: NodeId) => void;
  /** A commit that nobody waited for failed. It is tried again with the next fsync or close. */
  readonly failed: (id: NodeId, error: unknown) => void;
}

/** Where a descriptor that writes on and on has come to: `offset` as it counts, `position` where that is now. */
export interface Trail {
  offset: number;
  position: number;
}

/** What the guest has written and the document does not have yet. */
interface Copy {
  readonly bytes: Growable;
  readonly base: WriteBase | undefined;
  readonly since: number;
  /** Nothing but appends: the copy can be carried over a colleague's edits at any moment. */
  appended: boolean;
  /** Emptied and not yet written to: a program that starts to rewrite the file. */
  emptied: boolean;
}

export class OpenNode {
  readonly id: NodeId;
  /** How many descriptors there are. */
  opens = 0;
  /** How many of them may write. */
  writers = 0;
  readonly trails = new Set<Trail>();
  /** It has descriptors that were opened on different nodes. */
  joined = false;
  /** The node that has this one's descriptors now. */
  movedTo: OpenNode | undefined;
  readonly #host: OpenNodeHost;
  #clean: Uint8Array | undefined;
  #loading: Promise<Uint8Array> | undefined;
  #copy: Copy | undefined;
  /** Of whole working copies, as far as they are known. */
  readonly #hashes = new WeakMap<Uint8Array, string>();
  #lastSize: number | undefined;
  #stopTimer: Disposer | undefined;

  constructor(id: NodeId, host: OpenNodeHost) {
    this.id = id;
    this.#host = host;
  }

  get dirty(): boolean {
    return this.#copy !== undefined;
  }

  get size(): number {
    return this.#copy?.bytes.size ?? this.#host.project.stat(this.id)?.size ?? 0;
  }

  read(offset: number, count: number): Awaitable<Uint8Array> {
    if (this.#copy !== undefined) return this.#copy.bytes.read(offset, count);
    return chain(this.#load(), (bytes) =>
      this.#copy === undefined
        ? bytes.subarray(offset, offset + count)
        : this.#copy.bytes.read(offset, count),
    );
  }

  /** Undefined for `offset` means the end, whatever that is when the bytes arrive. */
  write(offset: number | undefined, data: Uint8Array): Awaitable<number> {
    return chain(this.#writable(), (copy) => {
      const at = offset ?? copy.bytes.size;
      if (at !== copy.bytes.size) copy.appended = false;
      copy.emptied = false;
      copy.bytes.write(at, data);
      this.#changed(copy);
      return at;
    });
  }

  truncate(size: number): Awaitable<void> {
    if (size === 0 && this.#copy === undefined) {
      if (this.size === 0) return undefined;
      this.#copy = this.#newCopy(new Uint8Array(0));
    }
    return chain(this.#writable(), (copy) => {
      copy.appended = false;
      copy.emptied = size === 0;
      copy.bytes.truncate(size);
      this.#changed(copy);
    });
  }

  /** As `commit`, when the runtime has hashed what is large: in another thread, and many times as fast as we do. */
  save(): Awaitable<void> {
    return chain(this.#hash(), () => this.commit());
  }

  /** Brings the working copy into the document; what is there then, merged, is what everybody reads. */
  commit(): void {
    const copy = this.#copy;
    if (copy === undefined) return;
    const bytes = copy.bytes.whole();
    this.#host.commit(this.id, bytes, copy.base, this.#hashes.get(bytes));
    this.#copy = undefined;
    this.#clean = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (copy.base instanceof TextBase) copy.base.dispose();
    this.#follow(copy.bytes.size);
  }

  /** Somebody else changed the content in the document. */
  changedElsewhere(): void {
    this.#clean = undefined;
    this.#loading = undefined;
    if (this.#copy?.appended === true && this.#copy.base !== undefined) this.#commitUnasked();
    else if (this.#copy === undefined && this.#lastSize !== undefined) this.#follow(this.#lastSize);
  }

  /** Hands the descriptors over: the content went into another node. */
  moveTo(target: OpenNode): void {
    this.movedTo = target;
    target.joined ||= this.joined || target.opens > 0;
    target.opens += this.opens;
    target.writers += this.writers;
    for (const trail of this.trails) target.trails.add(trail);
    this.discard();
  }

  /** Forgets what is not committed. */
  discard(): void {
    if (this.#copy?.base instanceof TextBase) this.#copy.base.dispose();
    this.#copy = undefined;
    this.#clean = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #hash(): Awaitable<void> {
    const copy = this.#copy;
    if (copy === undefined || copy.bytes.size <= eagerLimitBytes) return undefined;
    const bytes = copy.bytes.whole();
    return sha256(bytes).then((hash) => void this.#hashes.set(bytes, hash));
  }

  /** Descriptors that had written up to the end go on at the end, wherever others have moved it. */
  #follow(before: number): void {
    if (this.trails.size === 0) return;
    const after = this.size;
    for (const trail of this.trails) if (trail.position === before) trail.position = after;
    this.#lastSize = after;
  }

  #load(): Awaitable<Uint8Array> {
    if (this.#clean !== undefined) return this.#clean;
    if (this.#loading !== undefined) return this.#loading;
    const bytes = this.#host.project.readBytes(this.id, this.#host.blobs);
    if (!isPromise(bytes)) return (this.#clean = bytes);
    const loading = bytes.then(
      (loaded) => {
        // Content that changed meanwhile is loaded by whoever asks next.
        if (this.#loading === loading) {
          this.#clean = loaded;
          this.#loading = undefined;
        }
        return loaded;
      },
      (error: unknown) => {
        if (this.#loading === loading) this.#loading = undefined;
        throw error;
      },
    );
    return (this.#loading = loading);
  }

  #writable(): Awaitable<Copy> {
    if (this.#copy !== undefined) return this.#copy;
    return chain(this.#load(), (bytes) => (this.#copy ??= this.#newCopy(bytes)));
  }

  #newCopy(bytes: Uint8Array): Copy {
    const { project, now } = this.#host;
    const text = project.text(this.id);
    const notebook = project.notebook(this.id);
    const base = text !== undefined ? new TextBase(text) : notebook && { text: notebook.print() };
    return { bytes: new Growable(bytes), base, since: now(), appended: true, emptied: false };
  }

  #changed(copy: Copy): void {
    this.#lastSize = copy.bytes.size;
    this.#host.written(this.id);
    const small = copy.bytes.size <= eagerLimitBytes;
    if (small && this.#host.now() - copy.since >= patienceMilliseconds && !this.#isUnfinished(copy)) {
      this.#commitUnasked();
      return;
    }
    const idle = idleMilliseconds + (small ? 0 : (copy.bytes.size / 2 ** 20) * idlePerMebibyte);
    this.#stopTimer?.();
    this.#stopTimer = this.#host.schedule(idle, () => {
      this.#stopTimer = undefined;
      // What is unfinished now is committed with the next write, fsync or close; so is what is written meanwhile.
      if (this.#isUnfinished(copy)) return;
      void chain(this.#hash(), () => {
        if (this.#stopTimer === undefined) this.#commitUnasked();
      });
    });
  }

  /** Stopped within a character or a line end, or just emptied to be rewritten. */
  #isUnfinished({ bytes, base, emptied }: Copy): boolean {
    if (emptied && bytes.size === 0) return true;
    return base !== undefined && isCut(bytes.read(Math.max(0, bytes.size - 4), 4));
  }

  #commitUnasked(): void {
    try {
      this.commit();
    } catch (error) {
      this.#host.failed(this.id, error);
    }
  }
}

/** Whether text that ends so stops within a line end or a character of UTF-8. */
function isCut(tail: Uint8Array): boolean {
  if (tail.at(-1) === 0x0d) return true;
  for (let back = 1; back <= Math.min(3, tail.length); back++) {
    const byte = tail[tail.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back;
  }
  return false;
}
