// Random and mutated 9P frames for the server, over file systems that answer at once, late, or only when interrupted.
// Whatever comes: no crash, no leaked fid or open file, and every request answered exactly once.

import * as fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Fs, OpenFile } from "#machine/fs/fs.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import { readMessage, readTag, writeMessage } from "#machine/p9/codec.ts";
import { type FieldType, layouts, type Message, noFid, type RequestKind } from "#machine/p9/messages.ts";
import { P9Server } from "#machine/p9/server.ts";

/** CONCH_TEST=nightly runs longer. */
const runs = process.env["CONCH_TEST"] === "nightly" ? 20_000 : 400;
const limitMilliseconds = 3_600_000;

// ── Frames ──

const maxFids = 6;
const fid = fc.oneof({ weight: 20, arbitrary: fc.nat(maxFids - 1) }, fc.constantFrom(noFid, 99));
const name = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("a", "b", "d", "d", "n.nb.md", ".git", "node_modules", ".conchignore"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", ".", "..", "x/y", "\0", "é".repeat(128), "trusted.x", "user.x", "\uFEFF"),
  },
);
/** Not between: a file of hundreds of megabytes is allowed, but would make the test slow. */
const size = fc.oneof(
  { weight: 5, arbitrary: fc.nat(5000) },
  fc.integer({ min: 2 ** 40, max: Number.MAX_SAFE_INTEGER }),
);
const flags = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 0o1, 0o2, 0o102, 0o302, 0o1002, 0o2001, 0o200000) },
  fc.nat(0xffff_ffff),
);
const mode = fc.constantFrom(0, 0o644, 0o40755, 0o100600, 0o10644, 0o20600, 0o7777, 0xffff_ffff);
const u32 = fc.oneof({ weight: 3, arbitrary: fc.nat(5000) }, fc.nat(0xffff_ffff));
const byName: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  fid,
  newFid: fid,
  directory: fid,
  from: fid,
  to: fid,
  authFid: fc.constantFrom(noFid, 0),
  attachName: fc.constantFrom("", "/", "d", "/d/a"),
  version: fc.constantFrom("9P2000.L", "9P2000", "9P2000.u", "9P2000.L.more"),
  msize: fc.constantFrom(0, 4095, 4096, 8192, 1_000_000),
  names: fc.array(name, { maxLength: 17 }),
  target: fc.constantFrom("a", "", "d/b", "x".repeat(5000)),
  client: fc.constantFrom("", "conch"),
  userName: fc.constant(""),
  oldTag: fc.nat(60),
  offset: size,
  size,
  flags,
  mode,
  mask: fc.constant(0x7ff),
  valid: fc.nat(0x1ff),
  lock: fc.nat(4),
  process: fc.nat(3),
};
const byType: { readonly [T in FieldType]: fc.Arbitrary<unknown> } = {
  u8: fc.nat(0xff),
  u16: fc.nat(0xffff),
  u32,
  u64: size,
  i64: fc.maxSafeInteger(),
  string: name,
  data: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom("one\n", "two\r\n", "").map(encodeUtf8)),
  strings: fc.array(name),
  qid: fc.constant({ type: 0, version: 0, path: 1 }),
  qids: fc.constant([]),
};

/** What ends the session or waits comes seldom; what opens and makes, often. */
const weights: Partial<Record<RequestKind, number>> = {
  Tversion: 1,
  Tauth: 1,
  Tattach: 3,
  Twalk: 16,
  Tlopen: 10,
  Tlcreate: 10,
  Tmkdir: 6,
  Tread: 8,
  Twrite: 10,
  Tflush: 6,
  Treaddir: 6,
};
const requestKinds = Object.keys(layouts).filter((kind): kind is RequestKind => kind.startsWith("T"));
const request = fc.oneof(
  ...requestKinds.map((kind) => ({
    weight: weights[kind] ?? 4,
    arbitrary: fc.record({
      kind: fc.constant(kind),
      ...Object.fromEntries(
        Object.entries(layouts[kind].fields).map(([field, type]) => [
          field,
          byName[field] ?? byType[type as FieldType],
        ]),
      ),
    }),
  })),
) as fc.Arbitrary<Record<string, unknown> & { kind: RequestKind }>;

type Mutation = (frame: Uint8Array) => Uint8Array;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Mutation>((frame) => frame) },
  fc.tuple(fc.nat(200), fc.nat(255)).map<Mutation>(([at, value]) => (frame) => {
    const changed = frame.slice();
    changed[at % frame.length] = value;
    return changed;
  }),
  fc.nat(100).map<Mutation>((length) => (frame) => sized(frame.slice(0, length % (frame.length + 1)))),
  fc
    .uint8Array({ maxLength: 20 })
    .map<Mutation>((more) => (frame) => sized(Uint8Array.from([...frame, ...more]))),
  fc.uint8Array({ maxLength: 40 }).map<Mutation>((noise) => () => sized(noise.slice())),
);

function sized(frame: Uint8Array): Uint8Array {
  if (frame.length >= 4) new DataView(frame.buffer).setUint32(0, frame.length, true);
  return frame;
}

/** A mutation can ask for a file that is allowed, but so big that the test would only hash zeros. */
function isHuge(frame: Uint8Array): boolean {
  let message: Message;
  try {
    message = readMessage(frame);
  } catch {
    return false;
  }
  const asked = message.kind === "Twrite" ? message.offset : message.kind === "Tsetattr" ? message.size : 0;
  return asked > 2 ** 20 && asked < 2 ** 31;
}

// ── File systems ──

/** How the next answer comes: at once, late, or (a read) when it is interrupted. */
type Pace = "now" | "later" | "stuck";

/** Any file system, with answers that come late, and every open file counted. */
class Paced {
  pace: Pace = "now";
  open = 0;
  closedTwice = 0;
  readonly fs: Fs;

  constructor(fs: Fs) {
    this.fs = new Proxy(fs, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          const { pace } = this;
          // Fails at once or late, as it is.
          const result = (): unknown => {
            const found: unknown = Reflect.apply(member, target, args);
            return this.#counted(key, found);
          };
          return pace === "now" ? result() : turn().then(result);
        };
      },
    });
  }

  #counted(key: string | symbol, found: unknown): unknown {
    if (key !== "open" && key !== "create") return found;
    if (found instanceof Promise) return found.then((value: unknown) => this.#counted(key, value));
    if (key === "open") return this.#file(found as OpenFile);
    const created = found as { file: OpenFile };
    return { ...created, file: this.#file(created.file) };
  }

  #file(file: OpenFile): OpenFile {
    this.open++;
    let closed = false;
    return {
      read: (offset, count, interrupt) => {
        if (this.pace === "now") return file.read(offset, count, interrupt);
        if (this.pace === "later") return turn().then(() => file.read(offset, count, interrupt));
        return new Promise((_resolve, reject) => interrupt.on(() => reject(new FsError("EINTR"))));
      },
      write: (offset, data, interrupt): Awaitable<number> =>
        this.pace === "now"
          ? file.write(offset, data, interrupt)
          : turn().then(() => file.write(offset, data, interrupt)),
      fsync: () => file.fsync(),
      close: () => {
        if (closed) this.closedTwice++;
        else this.open--;
        closed = true;
        return file.close();
      },
    };
  }
}

const subjects: Readonly<Record<string, () => { fs: Fs; dispose: () => void }>> = {
  memfs: () => ({ fs: new MemFs(), dispose: () => undefined }),
  syncfs: () => {
    const doc = new Y.Doc();
    const project = new Project(doc);
    const fs = new SyncFs({ project, blobs: new MemoryBlobStore(), schedule: () => () => undefined });
    return {
      fs,
      dispose: () => {
        fs.dispose();
        project.destroy();
      },
    };
  },
};

interface Step {
  readonly request: Record<string, unknown> & { kind: RequestKind };
  readonly mutate: Mutation;
  readonly pace: Pace;
}
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    request,
    mutate: mutation,
    pace: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Pace>("now") },
      { weight: 2, arbitrary: fc.constant<Pace>("later") },
      fc.constant<Pace>("stuck"),
    ),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Every frame's answers. */
interface Sent {
  readonly frame: Uint8Array;
  readonly answers: Message[];
  /** The session ended while it waited: nobody listens any more. */
  orphaned: boolean;
}

async function play(fs: Fs, script: readonly Step[]): Promise<void> {
  const paced = new Paced(fs);
  const reports: unknown[] = [];
  const server = new P9Server(paced.fs, { report: (error) => reports.push(error), maxWaiting: 5 });
  const sent: Sent[] = [];
  const send = (frame: Uint8Array): Sent => {
    const entry: Sent = { frame, answers: [], orphaned: false };
    const before = server.pending;
    const waiting = sent.filter(({ answers }) => answers.length === 0);
    sent.push(entry);
    server.handle(frame, (reply) => entry.answers.push(readMessage(reply.slice())));
    if (frame[4] === layouts.Tversion.type && before > 0)
      for (const each of waiting) each.orphaned ||= each.answers.length === 0;
    return entry;
  };
  const ask = (kind: RequestKind, body: Record<string, unknown>): Message | undefined =>
    send(writeMessage({ kind, tag: 7, ...body } as never)).answers[0];

  send(writeMessage({ kind: "Tversion", tag: 0xffff, msize: 8192, version: "9P2000.L" }));
  const attach = { authFid: noFid, userName: "", attachName: "", uid: 0 };
  expect(ask("Tattach", { fid: 0, ...attach })).toMatchObject({ kind: "Rattach" });
  let tag = 8;
  for (const step of script) {
    paced.pace = step.pace;
    const frame = step.mutate(writeMessage({ ...step.request, tag: tag++ } as never));
    if (!isHuge(frame)) send(frame);
    expect(server.fidCount).toBeLessThanOrEqual(sent.length);
    if (step.pace !== "now") await turn();
  }

  paced.pace = "now";
  // Whoever still waits is told to stop.
  for (let round = 0; server.pending > 0; round++) {
    if (round > 100) throw new Error(`never answered: ${server.waiting.join(", ")}`);
    const waiting = sent.filter(({ answers, orphaned }) => answers.length === 0 && !orphaned);
    for (const { frame } of waiting) {
      const oldTag = readTag(frame);
      if (oldTag !== undefined) send(writeMessage({ kind: "Tflush", tag: 60_000 + round, oldTag }));
    }
    await turn();
    await turn();
  }
  for (const { frame, answers, orphaned } of sent) {
    const expected = readTag(frame) === undefined ? 0 : 1;
    if (orphaned) expect(answers.length).toBeLessThanOrEqual(1);
    else expect(answers.length, `answers to ${[...frame].join(" ")}`).toBe(expected);
    for (const answer of answers) expect(answer.tag).toBe(readTag(frame));
  }

  // The server still serves, and everything is let go of.
  expect(ask("Tversion", { msize: 8192, version: "9P2000.L" })).toMatchObject({ kind: "Rversion" });
  expect(server.fidCount).toBe(0);
  expect(ask("Tattach", { fid: 0, ...attach })).toMatchObject({ kind: "Rattach" });
  const last = "written after everything";
  expect(ask("Tlcreate", { fid: 0, name: last, flags: 0o2, mode: 0o644, gid: 0 })).toMatchObject({
    kind: "Rlcreate",
  });
  expect(ask("Twrite", { fid: 0, offset: 0, data: encodeUtf8(last) })).toMatchObject({ count: last.length });
  expect(ask("Tread", { fid: 0, offset: 0, count: 100 })).toMatchObject({ data: encodeUtf8(last) });
  await server.close();
  expect({ fids: server.fidCount, open: paced.open, closedTwice: paced.closedTwice, reports }).toEqual({
    fids: 0,
    open: 0,
    closedTwice: 0,
    reports: [],
  });
}

describe.each(Object.entries(subjects))("9P frames over %s", (_name, subject) => {
  it(
    "[P9-2] [P9-10] are answered once each, and leave nothing behind",
    { timeout: limitMilliseconds },
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (script) => {
          const { fs, dispose } = subject();
          try {
            await play(fs, script);
          } finally {
            dispose();
          }
        }),
        { numRuns: runs },
      );
    },
  );
});
