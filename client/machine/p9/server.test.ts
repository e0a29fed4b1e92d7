import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { concatBytes, decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { errno, type Errno, FsError } from "#core/base/errno.ts";
import { fileType, type Fs, type Interrupt, openFlag } from "#machine/fs/fs.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { readDirectory, readMessage, writeMessage } from "./codec.ts";
import {
  type Body,
  lockKind,
  lockStatus,
  noFid,
  type ReplyKind,
  type RequestKind,
  setattrValid,
  xattrFlag,
} from "./messages.ts";
import { P9Server, type ServerOptions } from "./server.ts";

/** The tag of Tversion. */
const noTag = 0xffff;

type Answer<K extends ReplyKind> = { readonly kind: K; readonly tag: number } & Body<K>;
type AnyAnswer = { readonly kind: string; readonly tag: number } & Record<string, unknown>;

/** The kernel's side: requests by tag, answers in the order in which they come. */
class Client {
  readonly server: P9Server;
  readonly answers: AnyAnswer[] = [];
  readonly reports: unknown[] = [];
  #tag = 0;

  constructor(fs: Fs, options: ServerOptions = {}) {
    this.server = new P9Server(fs, { report: (error) => void this.reports.push(error), ...options });
  }

  /** Sends and returns the tag. */
  send<K extends RequestKind>(kind: K, body: Body<K>, tag = ++this.#tag): number {
    this.raw(writeMessage({ kind, tag, ...body } as never));
    return tag;
  }

  raw(frame: Uint8Array): void {
    this.server.handle(frame, (reply) => this.answers.push({ ...readMessage(reply.slice()) }));
  }

  /** For what is answered at once. */
  ask<K extends RequestKind>(kind: K, body: Body<K>): AnyAnswer {
    const tag = this.send(kind, body);
    const answer = this.answers.pop();
    if (answer?.tag !== tag) throw new Error(`${kind} was not answered at once`);
    return answer;
  }

  get<K extends RequestKind, R extends ReplyKind>(kind: K, body: Body<K>, reply: R): Answer<R> {
    const answer = this.ask(kind, body);
    expect(answer.kind).toBe(reply);
    return answer as never;
  }

  refused<K extends RequestKind>(code: Errno, kind: K, body: Body<K>): void {
    expect(this.ask(kind, body)).toMatchObject({ kind: "Rlerror", ecode: errno[code] });
  }

  start(msize = 65_536): void {
    this.get("Tversion", { msize, version: "9P2000.L" }, "Rversion");
    this.get("Tattach", { fid: 0, authFid: noFid, userName: "", attachName: "", uid: 0 }, "Rattach");
  }

  walk(newFid: number, ...names: string[]): Answer<"Rwalk"> {
    return this.get("Twalk", { fid: 0, newFid, names }, "Rwalk");
  }

  create(
    fid: number,
    name: string,
    text: string | Uint8Array = "",
    flags: number = openFlag.readWrite,
  ): void {
    this.walk(fid);
    this.get("Tlcreate", { fid, name, flags, mode: 0o644, gid: 0 }, "Rlcreate");
    const data = typeof text === "string" ? encodeUtf8(text) : text;
    for (let offset = 0; offset < data.length; offset += 10_000)
      this.get("Twrite", { fid, offset, data: data.subarray(offset, offset + 10_000) }, "Rwrite");
  }

  open(fid: number, name: string, flags: number = openFlag.readOnly): void {
    this.walk(fid, name);
    this.get("Tlopen", { fid, flags }, "Rlopen");
  }

  read(fid: number): string | undefined {
    const pieces: Uint8Array[] = [];
    for (let offset = 0; ;) {
      const { data } = this.get("Tread", { fid, offset, count: 5000 }, "Rread");
      if (data.length === 0) return decodeUtf8(concatBytes(pieces));
      pieces.push(data);
      offset += data.length;
    }
  }

  clunk(...fids: number[]): void {
    for (const fid of fids) this.get("Tclunk", { fid }, "Rclunk");
  }
}

/** A file system whose file "stream" waits, as a terminal does, and whose every other answer can be held back. */
class SlowFs extends MemFs {
  readonly waiting: { give: (text: string) => void; interrupt: Interrupt }[] = [];
  readonly taken: string[] = [];
  hold: Promise<void> | undefined;
  listens = true;
  opens = 0;

  constructor() {
    super();
    this.mknod(this.root, "stream", fileType.regular | 0o644, 0);
    this.mknod(this.root, "plain", fileType.regular | 0o644, 0);
  }

  override lookup(directory: number, name: string): never {
    const found = super.lookup(directory, name);
    return this.#later(found);
  }

  override open(ino: number, flags: number): never {
    const file = super.open(ino, flags);
    this.opens++;
    const close = (): void => {
      this.opens--;
      void file.close();
    };
    const read = (_offset: number, _count: number, interrupt: Interrupt): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        const give = (text: string): void => {
          off();
          resolve(encodeUtf8(text));
        };
        const off = this.listens ? interrupt.on(() => reject(new FsError("EINTR"))) : () => undefined;
        this.waiting.push({ give, interrupt });
      });
    const write = (_offset: number, data: Uint8Array, interrupt: Interrupt): Promise<number> =>
      new Promise((resolve) => {
        // Takes the data first and answers later: as a terminal whose reader is slow.
        this.taken.push(decodeUtf8(data) ?? "");
        const give = (): void => resolve(data.length);
        interrupt.on(give);
        this.waiting.push({ give, interrupt });
      });
    return this.#later({ ...file, read, write, close });
  }

  override mkdir(directory: number, name: string, mode: number): never {
    return this.#later(super.mkdir(directory, name, mode));
  }

  #later(value: unknown): never {
    return (this.hold === undefined ? value : this.hold.then(() => value)) as never;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let client: Client;
function start(fs: Fs = new MemFs({ now: () => 1_700_000_000_000 }), options: ServerOptions = {}): Client {
  client = new Client(fs, { now: () => 1_700_000_000_123.25, ...options });
  client.start();
  return client;
}
afterEach(() => {
  expect(client.reports).toEqual([]);
});

describe("session", () => {
  it("[P9-5] agrees on version and message size", () => {
    const { server } = start();
    const version = { version: "9P2000.L" };
    expect(client.get("Tversion", { msize: 1_000_000, ...version }, "Rversion").msize).toBe(512_000);
    expect(client.get("Tversion", { msize: 8192, ...version }, "Rversion")).toMatchObject({
      msize: 8192,
      ...version,
    });
    expect(client.get("Tversion", { msize: 8192, version: "9P2000" }, "Rversion").version).toBe("unknown");
    client.refused("EINVAL", "Tversion", { msize: 100, ...version });
    expect(server.fidCount).toBe(0);
  });

  it("[P9-5] a new version ends the session: files are closed, what waits is never answered", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    client.send("Tread", { fid: 1, offset: 0, count: 10 });
    expect(client.server.pending).toBe(1);
    client.send("Tversion", { msize: 8192, version: "9P2000.L" }, noTag);
    await settle();
    expect(client.answers.map(({ kind }) => kind)).toEqual(["Rversion"]);
    expect(fs.opens).toBe(0);
    expect(client.server.pending).toBe(0);
    client.refused("EBADF", "Tgetattr", { fid: 0, mask: 0 });
  });

  it("[P9-6] attaches at a path, without authentication", () => {
    start();
    client.walk(1);
    client.get("Tmkdir", { fid: 1, name: "d", mode: 0o755, gid: 0 }, "Rmkdir");
    const attach = { userName: "", uid: 0 };
    const { qid } = client.get("Tattach", { fid: 5, authFid: noFid, attachName: "/d", ...attach }, "Rattach");
    expect(qid).toEqual(client.walk(6, "d").qids[0]);
    client.refused("ENOENT", "Tattach", { fid: 7, authFid: noFid, attachName: "/x", ...attach });
    client.refused("EACCES", "Tattach", { fid: 7, authFid: 3, attachName: "", ...attach });
    client.refused("EBADF", "Tattach", { fid: 0, authFid: noFid, attachName: "", ...attach });
    client.refused("EOPNOTSUPP", "Tauth", { fid: 9, userName: "", attachName: "", uid: 0 });
  });

  it("[P9-7] a session survives export and import", async () => {
    const fs = new MemFs();
    start(fs);
    client.create(1, "f", "hello", openFlag.readWrite | openFlag.truncate | openFlag.exclusive);
    client.walk(2, "f");
    client.walk(3);
    client.get("Tlopen", { fid: 3, flags: openFlag.readOnly }, "Rlopen");
    client.create(4, "gone");
    client.get("Tunlinkat", { fid: 0, name: "gone", flags: 0 }, "Runlinkat");
    const state = JSON.parse(JSON.stringify(client.server.exportSession())) as ReturnType<
      P9Server["exportSession"]
    >;
    await client.server.close();

    const again = new Client(fs);
    const lost = await again.server.importSession(state);
    expect(lost.map(({ fid }) => fid)).toEqual([4]);
    expect(again.read(1)).toBe("hello");
    expect(again.get("Tgetattr", { fid: 2, mask: 0 }, "Rgetattr").size).toBe(5);
    expect(again.get("Treaddir", { fid: 3, offset: 0, count: 1000 }, "Rreaddir").data.length).toBeGreaterThan(
      0,
    );
    again.refused("EBADF", "Tread", { fid: 2, offset: 0, count: 1 });
    again.clunk(1, 2, 3, 4);
  });
});

describe("fids", () => {
  it("[P9-8] unknown fids and fids in use are refused", () => {
    start();
    client.refused("EBADF", "Tgetattr", { fid: 99, mask: 0 });
    client.refused("EBADF", "Tclunk", { fid: 99 });
    client.create(1, "f", "x");
    client.refused("EBADF", "Twalk", { fid: 0, newFid: 1, names: [] });
    expect(client.read(1)).toBe("x");
    client.refused("EBADF", "Tlopen", { fid: 1, flags: 0 });
    client.refused("EBADF", "Tlcreate", { fid: 1, name: "g", flags: 0, mode: 0, gid: 0 });
  });

  it("[P9-9] walks as far as it can, at most 16 names", () => {
    start();
    client.walk(1);
    client.get("Tmkdir", { fid: 1, name: "a", mode: 0o755, gid: 0 }, "Rmkdir");
    client.refused("ENOENT", "Twalk", { fid: 0, newFid: 2, names: ["x", "y"] });
    expect(client.walk(2, "a", "x").qids.length).toBe(1);
    client.refused("EBADF", "Tgetattr", { fid: 2, mask: 0 });
    client.refused("EINVAL", "Twalk", { fid: 0, newFid: 2, names: Array<string>(17).fill("a") });
    client.refused("ENAMETOOLONG", "Twalk", { fid: 0, newFid: 2, names: ["é".repeat(128)] });
    const up = client.walk(2, "a", "..", "..", "a", ".");
    expect(up.qids.at(-1)).toEqual(up.qids[0]);
    client.create(3, "f");
    client.refused("ENOTDIR", "Twalk", { fid: 3, newFid: 4, names: ["x"] });
    client.get("Twalk", { fid: 2, newFid: 2, names: [".."] }, "Rwalk");
    expect(client.get("Tgetattr", { fid: 2, mask: 0 }, "Rgetattr").qid).toEqual(
      client.get("Tgetattr", { fid: 0, mask: 0 }, "Rgetattr").qid,
    );
  });

  it("[P9-10] a fid is freed and its file closed, whatever happens", () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    client.open(2, "plain");
    expect(fs.opens).toBe(2);
    client.clunk(1);
    client.get("Tremove", { fid: 2 }, "Rremove");
    expect(fs.opens).toBe(0);
    client.walk(3);
    client.refused("EBUSY", "Tremove", { fid: 3 });
    expect(client.server.fidCount).toBe(1);
  });

  it("[P9-10] files stay usable through a fid after their name is gone", () => {
    start();
    client.create(1, "f", "alive");
    client.get("Tunlinkat", { fid: 0, name: "f", flags: 0 }, "Runlinkat");
    client.refused("ENOENT", "Twalk", { fid: 0, newFid: 2, names: ["f"] });
    expect(client.read(1)).toBe("alive");
    client.clunk(1);
  });

  it("[P9-11] what a user makes is the user's", () => {
    start();
    client.get("Tattach", { fid: 10, authFid: noFid, userName: "", attachName: "", uid: 1000 }, "Rattach");
    client.get("Tmkdir", { fid: 10, name: "d", mode: 0o755, gid: 100 }, "Rmkdir");
    client.walk(1, "d");
    expect(client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr")).toMatchObject({ uid: 1000, gid: 100 });
  });
});

describe("files", () => {
  it("[P9-4] answers at once, from creating to removing", () => {
    start();
    client.create(1, "f", "some text");
    expect(client.read(1)).toBe("some text");
    client.get("Tfsync", { fid: 1, dataOnly: 0 }, "Rfsync");
    client.get("Trenameat", { from: 0, name: "f", to: 0, newName: "g" }, "Rrenameat");
    client.walk(2, "g");
    client.get("Trename", { fid: 2, directory: 0, name: "h" }, "Rrename");
    client.get("Tlink", { directory: 0, fid: 2, name: "i" }, "Rlink");
    expect(client.get("Tgetattr", { fid: 2, mask: 0 }, "Rgetattr").nlink).toBe(2);
    client.get("Tsymlink", { fid: 0, name: "s", target: "h", gid: 0 }, "Rsymlink");
    client.walk(3, "s");
    expect(client.get("Treadlink", { fid: 3 }, "Rreadlink").target).toBe("h");
    client.get(
      "Tmknod",
      { fid: 0, name: "null", mode: fileType.character | 0o666, major: 1, minor: 259, gid: 0 },
      "Rmknod",
    );
    client.walk(4, "null");
    expect(client.get("Tgetattr", { fid: 4, mask: 0 }, "Rgetattr").rdev).toBe(0x100103);
    expect(client.get("Tstatfs", { fid: 0 }, "Rstatfs")).toMatchObject({ nameMax: 255, fsType: 0x01021997 });
    client.get("Tunlinkat", { fid: 0, name: "i", flags: 0 }, "Runlinkat");
    expect(client.server.pending).toBe(0);
  });

  it("[P9-12] qid versions tell shared files from private ones", () => {
    for (const shared of [true, false]) {
      start(new MemFs({ shared }));
      client.walk(1);
      const { qid } = client.get(
        "Tlcreate",
        { fid: 1, name: "f", flags: 2, mode: 0o644, gid: 0 },
        "Rlcreate",
      );
      expect(qid).toMatchObject({ version: shared ? 0 : 1, type: 0 });
      client.get("Twrite", { fid: 1, offset: 0, data: encodeUtf8("x") }, "Rwrite");
      expect(client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr").qid).toEqual(qid);
      expect(client.walk(2, "f").qids).toEqual([qid]);
    }
  });

  it("[P9-28] a leased file says so, and its attributes tell the lease", () => {
    let lease = 7;
    class Leased extends MemFs {
      lease(): number {
        return lease;
      }
    }
    start(new Leased({ shared: true, leased: true }));
    client.walk(1);
    client.get("Tlcreate", { fid: 1, name: "f", flags: 2, mode: 0o644, gid: 0 }, "Rlcreate");
    const ask = (): unknown => client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr");
    expect(ask()).toMatchObject({ qid: { version: 2 }, dataVersion: 7 });
    lease = 8;
    expect(ask()).toMatchObject({ qid: { version: 2 }, dataVersion: 8 });
    start(new MemFs({ shared: true }));
    expect(client.get("Tgetattr", { fid: 0, mask: 0 }, "Rgetattr").dataVersion).toBe(0);
  });

  it("[P9-27] statfs tells what others change too from what is the guest's own", () => {
    start(new MemFs({ shared: false }));
    expect(client.get("Tstatfs", { fid: 0 }, "Rstatfs").fsType).toBe(0x01021997);
    start(new MemFs({ shared: true }));
    expect(client.get("Tstatfs", { fid: 0 }, "Rstatfs").fsType).toBe(0x65735546);
  });

  it("[P9-13] gives no more than the message size, and nothing of what is not open", () => {
    start();
    client.create(1, "f", new Uint8Array(100_000));
    expect(client.get("Tread", { fid: 1, offset: 0, count: 0xffff_ffff }, "Rread").data.length).toBe(
      65_536 - 11,
    );
    expect(client.get("Tread", { fid: 1, offset: 2 ** 52, count: 10 }, "Rread").data.length).toBe(0);
    client.walk(2, "f");
    client.refused("EBADF", "Tread", { fid: 2, offset: 0, count: 10 });
    client.refused("EBADF", "Twrite", { fid: 2, offset: 0, data: encodeUtf8("x") });
    client.walk(3);
    client.get("Tlopen", { fid: 3, flags: openFlag.readOnly }, "Rlopen");
    client.refused("EISDIR", "Tread", { fid: 3, offset: 0, count: 10 });
    client.walk(4);
    client.refused("EISDIR", "Tlopen", { fid: 4, flags: openFlag.readWrite });
    client.refused("EBADF", "Treaddir", { fid: 4, offset: 0, count: 100 });
    client.refused("ENOTDIR", "Treaddir", { fid: 1, offset: 0, count: 100 });
  });

  it("[P9-14] appends whatever the offset", () => {
    start();
    client.create(1, "log", "one ");
    client.open(2, "log", openFlag.writeOnly | openFlag.append);
    client.get("Twrite", { fid: 2, offset: 0, data: encodeUtf8("two") }, "Rwrite");
    expect(client.read(1)).toBe("one two");
  });

  it("[P9-15] lists a big directory in pieces, with . and ..", () => {
    start();
    client.walk(1);
    client.get("Tmkdir", { fid: 1, name: "d", mode: 0o755, gid: 0 }, "Rmkdir");
    client.walk(2, "d");
    const names = Array.from({ length: 300 }, (_, index) => `name with ünïcode ${index}`);
    for (const name of names) client.get("Tmkdir", { fid: 2, name, mode: 0o755, gid: 0 }, "Rmkdir");
    client.get("Tlopen", { fid: 2, flags: openFlag.readOnly }, "Rlopen");
    for (const count of [60, 777, 60_000]) {
      const seen: string[] = [];
      for (let offset = 0; ;) {
        const { data } = client.get("Treaddir", { fid: 2, offset, count }, "Rreaddir");
        const records = readDirectory(data);
        seen.push(...records.map(({ name }) => name));
        const last = records.at(-1);
        if (last === undefined) break;
        offset = last.offset;
      }
      expect(seen).toEqual([".", "..", ...names]);
    }
    client.refused("EINVAL", "Treaddir", { fid: 2, offset: 0, count: 20 });
  });

  it("[P9-16] sets what is asked for, and its own time where none is given", () => {
    start();
    client.create(1, "f", "12345");
    const nothing = { mode: 0, uid: 0, gid: 0, size: 0, atimeSeconds: 0, atimeNanoseconds: 0 };
    const times = { mtimeSeconds: 1234, mtimeNanoseconds: 567_000_000 };
    const { mtime, mtimeSet, size, mode, atime } = setattrValid;
    client.get("Tsetattr", { fid: 1, ...nothing, ...times, valid: mtime | mtimeSet }, "Rsetattr");
    expect(client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr")).toMatchObject({ ...times, size: 5 });
    client.get(
      "Tsetattr",
      { fid: 1, ...nothing, ...times, valid: size | mode | atime, size: 3, mode: 0o600 },
      "Rsetattr",
    );
    const after = client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr");
    expect(after).toMatchObject({ size: 3, mode: fileType.regular | 0o600, atimeSeconds: 1_700_000_000 });
    expect(after.atimeNanoseconds).toBe(123_250_000);
  });

  it("[P9-16] times keep their microseconds, exactly", () => {
    start();
    client.create(1, "f", "12345");
    const nothing = { mode: 0, uid: 0, gid: 0, size: 0, atimeSeconds: 0, atimeNanoseconds: 0 };
    const times = { mtimeSeconds: 1_234_567_890, mtimeNanoseconds: 123_456_000 };
    const { mtime, mtimeSet } = setattrValid;
    client.get("Tsetattr", { fid: 1, ...nothing, ...times, valid: mtime | mtimeSet }, "Rsetattr");
    expect(client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr")).toMatchObject(times);
  });

  it("[P9-16] times before 1970 are kept", () => {
    start();
    client.create(1, "f", "12345");
    const nothing = { mode: 0, uid: 0, gid: 0, size: 0, atimeSeconds: 0, atimeNanoseconds: 0 };
    const times = { mtimeSeconds: -86_400, mtimeNanoseconds: 500_000_000 };
    const { mtime, mtimeSet } = setattrValid;
    client.get("Tsetattr", { fid: 1, ...nothing, ...times, valid: mtime | mtimeSet }, "Rsetattr");
    expect(client.get("Tgetattr", { fid: 1, mask: 0 }, "Rgetattr")).toMatchObject(times);
  });

  it("[P9-17] extended attributes", () => {
    start();
    client.create(1, "f");
    const set = (fid: number, name: string, value: string, flags = 0, size = value.length): void => {
      client.walk(fid, "f");
      client.get("Txattrcreate", { fid, name, size, flags }, "Rxattrcreate");
      if (value !== "") client.get("Twrite", { fid, offset: 0, data: encodeUtf8(value) }, "Rwrite");
    };
    set(2, "user.a", "one");
    client.clunk(2);
    set(2, "user.b", "");
    client.clunk(2);
    const value = (name: string): string => {
      const { size } = client.get("Txattrwalk", { fid: 1, newFid: 9, name }, "Rxattrwalk");
      const { data } = client.get("Tread", { fid: 9, offset: 0, count: 100 }, "Rread");
      expect(data.length).toBe(size);
      client.clunk(9);
      return decodeUtf8(data) ?? "";
    };
    expect(value("user.a")).toBe("one");
    expect(value("")).toBe("user.a\0user.b\0");
    set(2, "user.a", "x", xattrFlag.create);
    client.refused("EEXIST", "Tclunk", { fid: 2 });
    set(2, "user.c", "x", xattrFlag.replace);
    client.refused("ENODATA", "Tclunk", { fid: 2 });
    set(2, "user.a", "half", 0, 10);
    client.refused("EIO", "Tclunk", { fid: 2 });
    set(2, "user.a", "", xattrFlag.replace);
    client.clunk(2);
    client.refused("ENODATA", "Txattrwalk", { fid: 1, newFid: 9, name: "user.a" });
    client.walk(2, "f");
    client.refused("E2BIG", "Txattrcreate", { fid: 2, name: "user.big", size: 100_000, flags: 0 });
    set(3, "user.d", "four");
    client.refused("ERANGE", "Twrite", { fid: 3, offset: 4, data: encodeUtf8("more") });
  });

  it("[P9-18] byte-range locks", () => {
    start();
    client.create(1, "f");
    client.walk(2, "f");
    const lock = (fid: number, process: number, kind: number, startAt: number, length: number): number =>
      client.get(
        "Tlock",
        { fid, lock: kind, flags: 0, start: startAt, length, process, client: "conch" },
        "Rlock",
      ).status;
    const { read, write, unlock } = lockKind;
    expect(lock(1, 100, write, 0, 10)).toBe(lockStatus.success);
    expect(lock(2, 200, read, 5, 1)).toBe(lockStatus.blocked);
    expect(lock(2, 200, write, 10, 0)).toBe(lockStatus.success);
    expect(lock(1, 100, unlock, 5, 5)).toBe(lockStatus.success);
    expect(lock(2, 200, read, 5, 5)).toBe(lockStatus.success);
    const asked = { lock: write, start: 0, length: 0, process: 200, client: "conch" };
    expect(client.get("Tgetlock", { fid: 2, ...asked }, "Rgetlock")).toMatchObject({
      lock: write,
      start: 0,
      length: 5,
      process: 100,
    });
    client.clunk(1);
    expect(client.get("Tgetlock", { fid: 2, ...asked }, "Rgetlock")).toMatchObject({ lock: unlock });
  });

  it("[P9-19] says what the file system does not offer", () => {
    const full = new MemFs();
    const { root } = full;
    const lean = {
      root,
      lookup: full.lookup.bind(full),
      getattr: full.getattr.bind(full),
      setattr: full.setattr.bind(full),
      open: full.open.bind(full),
      create: full.create.bind(full),
      mkdir: full.mkdir.bind(full),
      unlink: full.unlink.bind(full),
      rename: full.rename.bind(full),
      readdir: full.readdir.bind(full),
      statfs: full.statfs.bind(full),
    };
    start(lean);
    client.create(1, "f");
    client.refused("EPERM", "Tsymlink", { fid: 0, name: "s", target: "f", gid: 0 });
    client.refused("EPERM", "Tlink", { directory: 0, fid: 1, name: "l" });
    client.refused("EPERM", "Tmknod", { fid: 0, name: "n", mode: fileType.fifo, major: 0, minor: 0, gid: 0 });
    client.refused("EOPNOTSUPP", "Txattrwalk", { fid: 1, newFid: 2, name: "user.a" });
    client.walk(2, "f");
    client.refused("EOPNOTSUPP", "Txattrcreate", { fid: 2, name: "user.a", size: 1, flags: 0 });
    expect(client.walk(3, "..").qids.length).toBe(1);
  });
});

describe("waiting", () => {
  it("[P9-20] replies come when they can, in any order", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    client.open(2, "stream");
    const first = client.send("Tread", { fid: 1, offset: 0, count: 10 });
    const second = client.send("Tread", { fid: 2, offset: 0, count: 10 });
    expect(client.server.pending).toBe(2);
    expect(client.server.waiting).toEqual(["Tread fid 1", "Tread fid 2"]);
    fs.waiting[1]?.give("two");
    await settle();
    fs.waiting[0]?.give("one");
    await settle();
    expect(client.answers.map(({ tag }) => tag)).toEqual([second, first]);
  });

  it("[P9-3] a tag in use is refused and its request goes on", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    const tag = client.send("Tread", { fid: 1, offset: 0, count: 10 });
    client.send("Tgetattr", { fid: 0, mask: 0 }, tag);
    expect(client.answers.pop()).toMatchObject({ kind: "Rlerror", ecode: errno.EPROTO });
    fs.waiting[0]?.give("text");
    await settle();
    expect(client.answers.pop()).toMatchObject({ kind: "Rread", tag });
  });

  it("[P9-21] flushing what is done is nothing", () => {
    start();
    client.get("Tflush", { oldTag: 1234 }, "Rflush");
  });

  it("[P9-22] a flushed read ends with EINTR, then the flush is answered", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    const read = client.send("Tread", { fid: 1, offset: 0, count: 10 });
    const flush = client.send("Tflush", { oldTag: read });
    const again = client.send("Tflush", { oldTag: read });
    await settle();
    expect(client.answers).toMatchObject([
      { kind: "Rlerror", tag: read, ecode: errno.EINTR },
      { kind: "Rflush", tag: flush },
      { kind: "Rflush", tag: again },
    ]);
    expect(client.server.pending).toBe(0);
  });

  it("[P9-22] a flushed write whose data was taken is answered as written", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream", openFlag.readWrite);
    const write = client.send("Twrite", { fid: 1, offset: 0, data: encodeUtf8("once") });
    client.send("Tflush", { oldTag: write });
    await settle();
    expect(client.answers).toMatchObject([{ kind: "Rwrite", tag: write, count: 4 }, { kind: "Rflush" }]);
    expect(fs.taken).toEqual(["once"]);
  });

  it("[P9-23] a flushed fetch keeps nobody waiting and leaves no fid behind", async () => {
    const fs = new SlowFs();
    start(fs);
    client.walk(5, "stream");
    let release = (): void => undefined;
    fs.hold = new Promise((resolve) => (release = resolve));
    const walk = client.send("Twalk", { fid: 0, newFid: 1, names: ["stream"] });
    const open = client.send("Tlopen", { fid: 5, flags: openFlag.readOnly });
    client.send("Tflush", { oldTag: walk });
    client.send("Tflush", { oldTag: open });
    expect(client.answers).toMatchObject([
      { kind: "Rlerror", tag: walk, ecode: errno.EINTR },
      { kind: "Rflush" },
      { kind: "Rlerror", tag: open, ecode: errno.EINTR },
      { kind: "Rflush" },
    ]);
    release();
    await settle();
    expect(client.answers.length).toBe(4);
    expect(client.server.fidCount).toBe(2);
    expect(fs.opens).toBe(0);
  });

  it("[P9-24] a flushed change ends first", async () => {
    const fs = new SlowFs();
    start(fs);
    let release = (): void => undefined;
    fs.hold = new Promise((resolve) => (release = resolve));
    const mkdir = client.send("Tmkdir", { fid: 0, name: "d", mode: 0o755, gid: 0 });
    client.send("Tflush", { oldTag: mkdir });
    expect(client.answers).toEqual([]);
    release();
    await settle();
    expect(client.answers).toMatchObject([{ kind: "Rmkdir", tag: mkdir }, { kind: "Rflush" }]);
  });

  it("[P9-25] too many waiting reads are turned away, fetches are not", async () => {
    const fs = new SlowFs();
    start(fs, { maxWaiting: 3 });
    client.open(1, "stream");
    for (let index = 0; index < 5; index++) client.send("Tread", { fid: 1, offset: 0, count: 10 });
    await settle();
    expect(client.answers.map((answer) => answer["ecode"])).toEqual([errno.EAGAIN, errno.EAGAIN]);
    expect(client.server.pending).toBe(3);
    fs.listens = false;
    client.send("Tread", { fid: 1, offset: 0, count: 10 });
    await settle();
    expect(client.server.pending).toBe(4);
  });

  it("[P9-26] drained settles when nothing waits", async () => {
    const fs = new SlowFs();
    start(fs);
    await client.server.drained();
    client.open(1, "stream");
    client.send("Tread", { fid: 1, offset: 0, count: 10 });
    let drained = false;
    const done = client.server.drained().then(() => (drained = true));
    await settle();
    expect(drained).toBe(false);
    fs.waiting[0]?.give("x");
    await done;
    expect(client.server.pending).toBe(0);
  });

  it("closing interrupts what waits and closes what is open", async () => {
    const fs = new SlowFs();
    start(fs);
    client.open(1, "stream");
    client.send("Tread", { fid: 1, offset: 0, count: 10 });
    await client.server.close();
    expect(fs.waiting[0]?.interrupt.interrupted).toBe(true);
    expect(fs.opens).toBe(0);
    expect(client.answers).toEqual([]);
  });
});

describe("bad input", () => {
  it("[P9-2] whatever arrives, each frame is answered at most once and the session goes on", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 40 }), (frames) => {
        start();
        for (const frame of frames) {
          const sized = frame.slice();
          if (sized.length >= 4) new DataView(sized.buffer).setUint32(0, sized.length, true);
          const before = client.answers.length;
          client.raw(sized);
          expect(client.answers.length - before).toBe(sized.length >= 7 ? 1 : 0);
        }
        client.answers.length = 0;
        client.get("Tversion", { msize: 8192, version: "9P2000.L" }, "Rversion");
      }),
    );
  });

  it("answers EIO and reports where the file system has a bug", () => {
    const fs = new MemFs();
    start(fs);
    fs.statfs = () => {
      throw new TypeError("a bug");
    };
    client.refused("EIO", "Tstatfs", { fid: 0 });
    expect(client.reports.splice(0)).toMatchObject([{ message: "a bug" }]);
  });

  it("refuses a reply that is sent as a request", () => {
    start();
    client.raw(writeMessage({ kind: "Rclunk", tag: 5 }));
    expect(client.answers.pop()).toMatchObject({ kind: "Rlerror", ecode: errno.EPROTO });
  });
});
