// A 9P2000.L server over any Fs: frames in, frames out, at once wherever the Fs answers at once.
// Knows tags, flushes and how many replies wait; knows neither v86 nor what is served.

import { errno, errnoOf, FsError } from "#core/base/errno.ts";
import { type Awaitable, chain, isPromise } from "#core/base/awaitable.ts";
import { type Fs, openFlag } from "#machine/fs/fs.ts";
import { FrameWriter, readMessage, readTag } from "./codec.ts";
import type { FidState } from "./fids.ts";
import { RequestInterrupt } from "./interrupt.ts";
import type { MessageOf, Reply, Request, RequestKind } from "./messages.ts";
import { type Call, Operations } from "./operations.ts";

const protocolVersion = "9P2000.L";

/** What Linux' virtio transport can carry in one request. */
const maxMsizeBytes = 512_000;
const minMsizeBytes = 4096;

/**
 * Replies that may wait at once. The virtqueue has 256 slots, one for each request: were all of them taken by
 * reads that wait for a person, nothing else could be asked any more.
 */
const defaultMaxWaiting = 200;

/** Requests that change nothing: their late result may be thrown away. */
const harmless: ReadonlySet<RequestKind> = new Set([
  "Tread",
  "Twalk",
  "Tgetattr",
  "Treaddir",
  "Treadlink",
  "Tstatfs",
  "Txattrwalk",
  "Tattach",
]);

export interface ServerOptions {
  readonly now?: () => number;
  readonly maxWaiting?: number;
  /** Told of what is a bug of the file system below: the guest just sees EIO. */
  readonly report?: (error: unknown) => void;
}

/** The session as a snapshot keeps it. */
export interface SessionState {
  readonly msize: number;
  readonly fids: readonly FidState[];
}

/** Copies the frame: the next reply is written over it. */
type ReplyFrame = (frame: Uint8Array) => void;

/** A request whose answer has to wait. */
class WaitingCall implements Call {
  readonly interrupt: RequestInterrupt;
  readonly request: Request;
  readonly reply: ReplyFrame;
  /** Tags of the Tflush that wait for its end. */
  readonly flushes: { tag: number; reply: ReplyFrame }[] = [];
  abandoned = false;
  /** Turned away because too many replies wait. */
  refused = false;

  constructor(request: Request, reply: ReplyFrame, interrupt: RequestInterrupt) {
    this.request = request;
    this.reply = reply;
    this.interrupt = interrupt;
  }
}

export class P9Server {
  readonly #operations: Operations;
  readonly #maxWaiting: number;
  readonly #report: (error: unknown) => void;
  readonly #waiting = new Map<number, WaitingCall>();
  readonly #idle = new Set<() => void>();
  readonly #frames = new FrameWriter(maxMsizeBytes);

  constructor(fs: Fs, options: ServerOptions = {}) {
    this.#operations = new Operations(fs, options.now ?? Date.now, maxMsizeBytes);
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
    this.#report = options.report ?? ((error) => console.error("9p:", error));
  }

  /** How many requests have not been answered yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** What waits, for diagnosis: "Tread fid 7". */
  get waiting(): readonly string[] {
    return [...this.#waiting.values()].map(({ request }) =>
      "fid" in request ? `${request.kind} fid ${request.fid}` : request.kind,
    );
  }

  get fidCount(): number {
    return this.#operations.fids.size;
  }

  /** Settles when no request waits: only then can the machine be snapshotted. */
  drained(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  /** Takes one whole frame, which must not change afterwards. `reply` is called once, at once where possible; never for a frame without a tag. */
  handle(frame: Uint8Array, reply: ReplyFrame): void {
    const tag = readTag(frame);
    if (tag === undefined) return;
    let call: WaitingCall | undefined;
    try {
      const request = readMessage(frame);
      if (!isRequest(request)) throw new FsError("EPROTO", "a reply was sent as a request");
      if (this.#waiting.has(tag)) throw new FsError("EPROTO", `tag ${tag} is in use`);
      if (request.kind === "Tflush") return this.#flush(request, reply);
      call = new WaitingCall(request, reply, new RequestInterrupt());
      const result = request.kind === "Tversion" ? this.#version(request) : this.#dispatch(request, call);
      if (isPromise(result)) this.#wait(call, result);
      else reply(this.#frames.write({ ...result, tag }));
    } catch (thrown) {
      reply(this.#failure(tag, thrown));
    }
  }

  exportSession(): SessionState {
    return { msize: this.#operations.msize, fids: this.#operations.fids.export() };
  }

  /** Takes up an exported session; the inode numbers must mean the same files. Returns the fids whose file is gone. */
  async importSession(state: SessionState): Promise<FidState[]> {
    await this.#operations.reset((thrown) => this.#check(thrown));
    this.#operations.msize = state.msize;
    return this.#operations.importFids(state.fids);
  }

  /** Ends the session: what waits is interrupted and never answered, open files are closed. */
  async close(): Promise<void> {
    this.#abandonAll();
    await this.#operations.reset((thrown) => this.#check(thrown));
  }

  #version({ msize, version }: MessageOf<"Tversion">): Awaitable<Reply> {
    if (msize < minMsizeBytes) throw new FsError("EINVAL", `msize must be ${minMsizeBytes} or more`);
    this.#abandonAll();
    this.#operations.msize = Math.min(msize, maxMsizeBytes);
    const agreed: Reply = {
      kind: "Rversion",
      msize: this.#operations.msize,
      version: version.startsWith(protocolVersion) ? protocolVersion : "unknown",
    };
    return chain(
      this.#operations.reset((thrown) => this.#check(thrown)),
      () => agreed,
    );
  }

  #dispatch(request: Exclude<Request, { kind: "Tversion" | "Tflush" }>, call: Call): Awaitable<Reply> {
    // The handlers' type says that each takes its own request; TypeScript cannot see that the two unions go in step.
    const handler = this.#operations[request.kind] as (request: Request, call: Call) => Awaitable<Reply>;
    return handler.call(this.#operations, request, call);
  }

  #wait(call: WaitingCall, result: Promise<Reply>): void {
    const { tag } = call.request;
    this.#waiting.set(tag, call);
    result.then(
      (reply) => this.#settle(call, () => this.#frames.write({ ...reply, tag })),
      (thrown: unknown) =>
        this.#settle(call, () =>
          this.#failure(tag, call.refused && errnoOf(thrown) === "EINTR" ? new FsError("EAGAIN") : thrown),
        ),
    );
    // A reply that waits for a person must not take one of the last places; a fetch ends by itself.
    if (this.#waiting.size > this.#maxWaiting && call.interrupt.heard) {
      call.refused = true;
      call.interrupt.fire();
    }
  }

  #settle(call: WaitingCall, frame: () => Uint8Array): void {
    if (call.abandoned) return;
    // Out of the table first: the guest may reuse the tag inside `reply`.
    this.#waiting.delete(call.request.tag);
    call.reply(frame());
    this.#answerFlushes(call);
    this.#notifyIdle();
  }

  /** The old tag is answered first, then the flush: so the guest learns whether the request took effect. */
  #flush({ tag, oldTag }: MessageOf<"Tflush">, reply: ReplyFrame): void {
    const call = this.#waiting.get(oldTag);
    if (call === undefined) return reply(this.#frames.write({ kind: "Rflush", tag }));
    call.flushes.push({ tag, reply });
    if (call.interrupt.heard) return call.interrupt.fire();
    const { request } = call;
    const opensOnly = request.kind === "Tlopen" && (request.flags & openFlag.truncate) === 0;
    // Nobody listens and nothing is changed by it: it need not keep the guest's process waiting.
    if (harmless.has(request.kind) || opensOnly) {
      this.#waiting.delete(oldTag);
      call.abandoned = true;
      call.reply(this.#failure(oldTag, new FsError("EINTR")));
      this.#answerFlushes(call);
      this.#notifyIdle();
    }
    // Else the change is under way: its own answer comes first, whenever it comes.
  }

  #answerFlushes(call: WaitingCall): void {
    for (const { tag, reply } of call.flushes.splice(0)) reply(this.#frames.write({ kind: "Rflush", tag }));
  }

  #notifyIdle(): void {
    if (this.#waiting.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  #abandonAll(): void {
    const calls = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of calls) {
      call.abandoned = true;
      call.interrupt.fire();
    }
    this.#notifyIdle();
  }

  /** What is no FsError is a bug. */
  #check(thrown: unknown): void {
    if (!(thrown instanceof FsError)) this.#report(thrown);
  }

  #failure(tag: number, thrown: unknown): Uint8Array {
    this.#check(thrown);
    return this.#frames.write({ kind: "Rlerror", tag, ecode: errno[errnoOf(thrown)] });
  }
}

function isRequest(message: { kind: string }): message is Request {
  return message.kind.startsWith("T");
}
