// The content of one node while somebody in the guest has it open: the bytes as they are in the document, or the
// guest's working copy of them until it is committed. SPEC.md says when that is.

import type { Disposer } from "#core/base/disposable.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { TextBase } from "#core/text/text-base.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import type { Caller } from "../caller.ts";
import { chain, isPromise } from "#core/base/awaitable.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import { sha256 } from "../sha256.ts";
import { Growable } from "./growable.ts";
import { disposeBases, nearestBase } from "./known-versions.ts";
import type { KnownVersions } from "./known-versions.ts";
import type { ReadPass } from "./read-pass.ts";

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
  readonly versions: KnownVersions;
  /** On whose behalf the guest asks in the call that is under way. */
  readonly caller: () => Caller | undefined;
  readonly now: () => number;
  readonly schedule: (milliseconds: number, work: () => void) => Disposer;
  /** Brings a working copy into the document; returns the node that has it then, which may be another. */
  readonly commit: (
    id: NodeId,
    bytes: Uint8Array,
    base: WriteBase | undefined,
    hash: string | undefined,
  ) => NodeId;
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
  /** What it may have been made from, the likeliest first; none for bytes. */
  readonly bases: readonly WriteBase[];
  readonly since: number;
  /** Its size at first. */
  readonly start: number;
  readonly writers: Set<Caller | undefined>;
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
  /** How often a working copy was committed. */
  #commits = 0;
  /** The file has been made anew: what is open of it is nobody else's any more, and is never committed. */
  #alone = false;
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
    if (this.#copy !== undefined) return this.#copy.bytes.size;
    if (this.#alone && this.#clean !== undefined) return this.#clean.length;
    return this.#host.project.stat(this.id)?.size ?? 0;
  }

  read(offset: number, count: number, pass: ReadPass): Awaitable<Uint8Array> {
    const caller = this.#host.caller();
    if (this.#copy !== undefined) return this.#readCopy(this.#copy, offset, count, pass, caller);
    return chain(this.#load(), (bytes) => {
      if (this.#copy !== undefined) return this.#readCopy(this.#copy, offset, count, pass, caller);
      const { data, current } = pass.read(bytes, this.#commits, offset, count);
      if (current && data.length > 0 && !this.#alone) this.#host.versions.shown(this.id, caller, offset > 0);
      return data;
    });
  }

  #readCopy(
    copy: Copy,
    offset: number,
    count: number,
    pass: ReadPass,
    caller: Caller | undefined,
  ): Uint8Array {
    pass.leave();
    if (offset === 0 && copy.bases.length > 0 && !this.#alone)
      this.#host.versions.shownUncommitted(this.id, caller, copy.bytes.whole());
    return copy.bytes.read(offset, count);
  }

  /**
   * Undefined for `offset` means the end, whatever that is when the bytes arrive. `patches`: the writer goes by what it
   * has read.
   */
  write(offset: number | undefined, data: Uint8Array, patches = false): Awaitable<number> {
    const caller = this.#host.caller();
    if (patches && offset !== undefined) this.#copy ??= this.#outdatedCopy(offset, caller);
    return chain(this.#writable(), (copy) => {
      const at = offset ?? copy.bytes.size;
      if (at !== copy.bytes.size) copy.appended = false;
      copy.emptied = false;
      copy.writers.add(caller);
      copy.bytes.write(at, data);
      this.#changed(copy);
      return at;
    });
  }

  truncate(size: number): Awaitable<void> {
    const caller = this.#host.caller();
    if (size === 0) {
      this.#endOthersCopy(caller);
      if (this.#copy === undefined) {
        if (this.size === 0) return undefined;
        const { versions } = this.#host;
        const bases = this.#alone ? [] : versions.bases(this.id, caller === undefined ? [] : [caller]);
        this.#copy = this.#newCopy(new Uint8Array(0), bases);
      }
    } else this.#copy ??= this.#outdatedCopy(size, caller);
    return chain(this.#writable(), (copy) => {
      copy.writers.add(caller);
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
    if (copy === undefined || this.#alone) return;
    const { versions, commit } = this.#host;
    const bytes = copy.bytes.whole();
    const base = nearestBase(copy.bases, bytes);
    const id = commit(this.id, bytes, base, this.#hashes.get(bytes));
    if (copy.appended && copy.start > 0) versions.appended(id, copy.writers, bytes.subarray(copy.start));
    else versions.wrote(id, copy.writers, bytes, base);
    this.#forgetCopy();
    this.#commits++;
    this.#clean = undefined;
    if (id === this.id) this.#follow(copy.bytes.size);
  }

  /** Somebody makes the file anew under its name: who has it open keeps it as it is, alone (as after unlink(2)). */
  leaveAlone(): Awaitable<void> {
    return chain(this.#load(), (bytes) => {
      this.#clean = bytes;
      this.#alone = true;
      this.#stopTimer?.();
      this.#stopTimer = undefined;
    });
  }

  #endOthersCopy(caller: Caller | undefined): void {
    const copy = this.#copy;
    if (copy === undefined || copy.bases.length === 0 || this.#isUnfinished(copy)) return;
    for (const writer of copy.writers) if (writer?.process === caller?.process) return;
    this.#commitUnasked();
  }

  #forgetCopy(): void {
    if (this.#copy !== undefined) disposeBases(this.#copy.bases);
    this.#copy = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Somebody else changed the content in the document. */
  changedElsewhere(): void {
    this.#clean = undefined;
    this.#loading = undefined;
    if (this.#copy?.appended === true && this.#copy.bases.length > 0) this.#commitUnasked();
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
    this.#forgetCopy();
    this.#clean = undefined;
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

  /** The file as its writer read it: offsets mean what they meant there. Undefined where that is the file as it is. */
  #outdatedCopy(offset: number, caller: Caller | undefined): Copy | undefined {
    const { project, versions } = this.#host;
    if (this.#alone) return undefined;
    const outdated = versions.outdated(this.id, caller);
    if (outdated === undefined) return undefined;
    const bytes = project.printed(this.id, outdated.text);
    // Where the file ends now is where a writer goes who asks for its end.
    if (offset < bytes.length && offset !== this.size) return this.#newCopy(bytes, [outdated.base]);
    if (offset === bytes.length) return this.#newCopy(bytes, [outdated.base]);
    disposeBases([outdated.base]);
    return undefined;
  }

  #newCopy(content: Uint8Array, known: readonly WriteBase[] = []): Copy {
    const { now } = this.#host;
    const bases = known.length > 0 || this.#alone ? known : this.#presentBase();
    const bytes = new Growable(content);
    const start = content.length;
    return { bytes, bases, start, since: now(), writers: new Set(), appended: true, emptied: false };
  }

  #presentBase(): WriteBase[] {
    const { project } = this.#host;
    const text = project.text(this.id);
    if (text !== undefined) return [new TextBase(text)];
    const notebook = project.notebook(this.id);
    return notebook === undefined ? [] : [{ text: notebook.print() }];
  }

  #changed(copy: Copy): void {
    this.#lastSize = copy.bytes.size;
    if (this.#alone) return;
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
  #isUnfinished({ bytes, bases, emptied }: Copy): boolean {
    if (emptied && bytes.size === 0) return true;
    return bases.length > 0 && isCut(bytes.read(Math.max(0, bytes.size - 4), 4));
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
