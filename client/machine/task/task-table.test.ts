import { describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOf } from "#core/base/errno.ts";
import { openFlag } from "#machine/fs/fs.ts";
import type { TaskSpec } from "#core/machine/machine.ts";
import { GuestSide, ManualInterrupt } from "#test/harness/guest-side.ts";
import type { TreeTask } from "./tree-task.ts";
import { TaskTable, type SpawnOptions } from "./task-table.ts";

interface Started {
  readonly table: TaskTable;
  readonly guest: GuestSide;
  readonly task: TreeTask;
  /** "1:text" for every piece. */
  readonly pieces: string[];
}

async function start(spec: Partial<TaskSpec> = {}, options: SpawnOptions = {}): Promise<Started> {
  const table = new TaskTable();
  const guest = new GuestSide(table.fs);
  const pieces: string[] = [];
  const task = await table.spawn(
    { argv: ["cat", "a b"], ...spec },
    { output: (fd, data) => void pieces.push(`${fd}:${decodeUtf8Lossy(data)}`) },
    options,
  );
  return { table, guest, task, pieces };
}

async function failure(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return "none";
  } catch (error) {
    return errnoOf(error);
  }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  // All that is already decided has run after a macrotask.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
};

describe("the tree", () => {
  it("[TASK-1] has a folder per task until it has ended, with ids from 1 up", async () => {
    const { table, guest, task } = await start();
    const second = await table.spawn({ argv: ["true"] }, { output: () => undefined });
    expect([task.id, second.id]).toEqual([1, 2]);
    expect(await guest.names("")).toEqual(["inbox", "new", "exec", "1", "2"]);
    expect(await guest.names("1")).toEqual([
      "spec",
      "argv",
      "cmd",
      "dir",
      "env",
      "tty",
      "kind",
      "status",
      "exit",
      "ctl",
      "winch",
      "fd",
    ]);
    const status = await guest.open("1/status", openFlag.writeOnly);
    await status.write(0, encodeUtf8("exited 0\n"), new ManualInterrupt());
    expect(await guest.names("")).toEqual(["inbox", "new", "exec", "2"]);
    expect((await table.spawn({ argv: ["true"] }, { output: () => undefined })).id).toBe(3);
  });

  it("[TASK-1] leaves what was open usable, and nothing when it was closed", async () => {
    const { table, guest } = await start();
    const file = await guest.open("1/exit");
    const { ino } = await table.fs.lookup((await table.fs.lookup(table.fs.root, "1")).ino, "exit");
    await guest.write("1/status", "exited 4\n");
    expect((await table.fs.getattr(ino)).ino).toBe(ino);
    expect(decodeUtf8Lossy(await file.read(0, 100, new ManualInterrupt()))).toBe("4\n");
    await file.close();
    expect(await failure((async () => table.fs.getattr(ino))())).toBe("ENOENT");
  });

  it("[TASK-2] tells what was asked for", async () => {
    const { guest } = await start({ env: { A: "1 2" }, cwd: "/tmp", tty: { cols: 80, rows: 24 } });
    expect(await guest.read("1/argv")).toBe("cat\0a b\0");
    expect(await guest.read("1/dir")).toBe("/tmp\n");
    expect(await guest.read("1/tty")).toBe("80 24\n");
    const env = await guest.read("1/env");
    expect(env.split("\0")).toContain("A=1 2");
    expect(env.split("\0")).toContain("HOME=/root");
  });

  it("[TASK-3] has it all in one file for the agent, sorted", async () => {
    const { guest } = await start({ env: { Z: "z", A: "" } }, { control: true });
    const strings = (await guest.read("1/spec")).split("\0");
    expect(strings.slice(0, 7)).toEqual(["", "control", "/project", "2", "cat", "a b", "A="]);
    expect(strings.slice(-2)).toEqual(["Z=z", ""]);
  });

  it("[TASK-3] refuses what is too long or makes no sense, and leaves nothing behind", async () => {
    const table = new TaskTable();
    const events = { output: (): void => undefined };
    expect(await failure(table.spawn({ argv: ["x".repeat(300_000)] }, events))).toBe("E2BIG");
    expect(await failure(table.spawn({ argv: [] }, events))).toBe("EINVAL");
    expect(await failure(table.spawn({ argv: ["a\0b"] }, events))).toBe("EINVAL");
    expect(await failure(table.spawn({ argv: ["a"], cwd: "b" }, events))).toBe("EINVAL");
    expect(await failure(table.spawn({ argv: ["a"], env: { "A=B": "" } }, events))).toBe("EINVAL");
    expect(await new GuestSide(table.fs).names("")).toEqual(["inbox", "new", "exec"]);
  });

  it("is shared: nothing of it may be cached", async () => {
    const { table } = await start();
    const fs = table.fs;
    for (const entry of await fs.readdir(fs.root, 0, 100)) {
      expect(entry.shared).toBe(true);
      expect((await fs.getattr(entry.ino)).shared).toBe(true);
    }
  });

  it("lists on while it changes", async () => {
    const { table } = await start();
    const [first] = await table.fs.readdir(table.fs.root, 0, 1);
    await table.spawn({ argv: ["true"] }, { output: () => undefined });
    const rest = await table.fs.readdir(table.fs.root, first?.next ?? 0, 10);
    expect(rest.map((entry) => entry.name)).toEqual(["new", "exec", "1", "2"]);
  });

  it("cannot be changed by the guest", async () => {
    const { table } = await start();
    for (const code of [
      () => table.fs.create(table.fs.root, "x", 0, 0),
      () => table.fs.mkdir(table.fs.root, "x", 0),
      () => table.fs.unlink(table.fs.root, "inbox", false),
    ])
      expect(await failure((async () => code())())).toBe("EPERM");
  });
});

describe("streams", () => {
  it("[TASK-4] a read of fd/0 waits, gets no more than it asked for, and the end once", async () => {
    const { guest, task } = await start();
    const file = await guest.open("1/fd/0");
    const read = Promise.resolve(file.read(0, 3, new ManualInterrupt()));
    expect(await isSettled(read)).toBe(false);
    const written = task.write(encodeUtf8("hello"));
    expect(decodeUtf8Lossy(await read)).toBe("hel");
    expect(await isSettled(written)).toBe(false);
    expect(decodeUtf8Lossy(await file.read(3, 100, new ManualInterrupt()))).toBe("lo");
    await written;
    await task.eof();
    expect((await file.read(5, 100, new ManualInterrupt())).length).toBe(0);
    expect(await failure(task.write(encodeUtf8("more")))).toBe("EPIPE");
  });

  it("[TASK-4] a guest process can write another's input", async () => {
    const { guest } = await start();
    const written = guest.write("1/fd/0", "hi");
    expect(await isSettled(written)).toBe(false);
    const file = await guest.open("1/fd/0");
    expect(decodeUtf8Lossy(await file.read(0, 100, new ManualInterrupt()))).toBe("hi");
    expect(await written).toBe(2);
  });

  it("[TASK-4] input that nobody took fails when the task ends", async () => {
    const { guest, task } = await start();
    const written = failure(task.write(encodeUtf8("x")));
    await guest.write("1/status", "exited 0\n");
    expect(await written).toBe("EPIPE");
  });

  it("[TASK-5] a write is answered when the reader took it", async () => {
    const table = new TaskTable();
    const guest = new GuestSide(table.fs);
    const taken: (() => void)[] = [];
    const got: string[] = [];
    await table.spawn(
      { argv: ["yes"] },
      {
        output: (fd, data) => {
          got.push(`${fd}:${decodeUtf8Lossy(data)}`);
          return new Promise((resolve) => taken.push(resolve));
        },
      },
    );
    const first = guest.write("1/fd/1", "one");
    const second = guest.write("1/fd/1", "two");
    const error = guest.write("1/fd/2", "bad");
    expect(await isSettled(first)).toBe(false);
    expect(got).toEqual(["1:one", "2:bad"]);
    taken[0]?.();
    expect(await first).toBe(3);
    expect(await isSettled(second)).toBe(false);
    expect(got).toEqual(["1:one", "2:bad", "1:two"]);
    taken[1]?.();
    taken[2]?.();
    expect(await second).toBe(3);
    expect(await error).toBe(3);
  });

  it("[TASK-5] is answered at once where the reader takes it at once", async () => {
    const { guest, pieces } = await start();
    const file = await guest.open("1/fd/1", openFlag.writeOnly);
    const buffer = encodeUtf8("abc");
    expect(file.write(0, buffer, new ManualInterrupt())).toBe(3);
    buffer.fill(0);
    expect(pieces).toEqual(["1:abc"]);
  });

  it("[TASK-5] a reader that fails does not harm the program", async () => {
    const table = new TaskTable();
    await table.spawn({ argv: ["x"] }, { output: () => Promise.reject(new Error("the page has gone")) });
    expect(await new GuestSide(table.fs).write("1/fd/1", "abc")).toBe(3);
  });

  it("[TASK-9] interrupted reads take nothing", async () => {
    const { guest, task } = await start();
    const input = await guest.open("1/fd/0");
    const inbox = await guest.open("inbox");
    await guest.request();
    for (const file of [input, inbox, await guest.open("1/exit")]) {
      const interrupt = new ManualInterrupt();
      const read = failure(Promise.resolve(file.read(0, 100, interrupt)));
      expect(await isSettled(read)).toBe(false);
      interrupt.fire();
      expect(await read).toBe("EINTR");
    }
    const written = task.write(encodeUtf8("x"));
    expect(decodeUtf8Lossy(await input.read(0, 1, new ManualInterrupt()))).toBe("x");
    await written;
    await task.signal("TERM");
    expect(await guest.request()).toBe("signal 1 15\n");
  });

  it("[TASK-9] an interrupted write counts as written once it was delivered, else it was never there", async () => {
    const table = new TaskTable();
    const guest = new GuestSide(table.fs);
    const got: string[] = [];
    let release: () => void = () => undefined;
    await table.spawn(
      { argv: ["yes"] },
      {
        output: (_fd, data) => {
          got.push(decodeUtf8Lossy(data));
          return new Promise((resolve) => (release = resolve));
        },
      },
    );
    const [first, second] = [new ManualInterrupt(), new ManualInterrupt()];
    const delivered = guest.write("1/fd/1", "one", first);
    const queued = failure(guest.write("1/fd/1", "two", second));
    await isSettled(queued);
    first.fire();
    second.fire();
    expect(await delivered).toBe(3);
    expect(await queued).toBe("EINTR");
    release();
    await isSettled(queued);
    const third = guest.write("1/fd/1", "three");
    await isSettled(third);
    expect(got).toEqual(["one", "three"]);
  });

  it("[TASK-9] an interrupted write to fd/0 is withdrawn only if nobody read of it", async () => {
    const { guest } = await start();
    const untouched = new ManualInterrupt();
    const gone = failure(guest.write("1/fd/0", "gone", untouched));
    await isSettled(gone);
    untouched.fire();
    expect(await gone).toBe("EINTR");
    const begun = new ManualInterrupt();
    const written = guest.write("1/fd/0", "hello", begun);
    const file = await guest.open("1/fd/0");
    expect(decodeUtf8Lossy(await file.read(0, 2, new ManualInterrupt()))).toBe("he");
    begun.fire();
    expect(await written).toBe(5);
    expect(decodeUtf8Lossy(await file.read(2, 9, new ManualInterrupt()))).toBe("llo");
  });
});

describe("life", () => {
  it.each([
    ["exited 3\n", { code: 3 }],
    ["signaled 9\n", { code: 137, signal: "KILL" }],
    ["signaled SEGV\n", { code: 139, signal: "SEGV" }],
    ["failed 2 exec\n", { code: 127, error: "cat: there is no such program." }],
    ["failed 13 exec\n", { code: 126, error: "cat cannot be run: it is not permitted." }],
    ["failed 2 dir\n", { code: 126, error: "The folder /project cannot be entered: it does not exist." }],
  ])("[TASK-6] %j ends the task", async (line, exit) => {
    const { guest, task } = await start();
    await guest.write("1/status", "running 44\n");
    expect(await guest.read("1/status")).toBe("running 44\n");
    const status = await guest.open("1/status", openFlag.writeOnly);
    await status.write(0, encodeUtf8(line), new ManualInterrupt());
    expect(await task.exit).toEqual(exit);
    expect(
      await failure((async () => status.write(0, encodeUtf8("exited 0\n"), new ManualInterrupt()))()),
    ).toBe("EPIPE");
  });

  it("[TASK-6] what is no status is refused", async () => {
    const { guest } = await start();
    for (const line of ["", "exited", "exited 1 2", "signaled 99", "failed 2 nowhere", "lost"])
      expect(await failure(guest.write("1/status", line))).toBe("EINVAL");
    expect(await guest.read("1/status")).toBe("new\n");
  });

  it("[TASK-7] exit can be waited for in the guest", async () => {
    const { guest } = await start();
    const exit = guest.read("1/exit");
    expect(await isSettled(exit)).toBe(false);
    await guest.write("1/status", "signaled 2\n");
    expect(await exit).toBe("130\n");
  });

  it("[TASK-8] ctl does what it is told, or nothing", async () => {
    const { guest, task } = await start({ tty: { cols: 80, rows: 24 } });
    await guest.request();
    await guest.write("1/ctl", "signal SIGHUP\nwinch 100 40\neof\n");
    expect(await guest.request()).toBe("signal 1 1\n");
    expect(await guest.request()).toBe("winch 1 100 40\n");
    expect(task.size).toEqual({ cols: 100, rows: 40 });
    expect(await failure(guest.write("1/ctl", "signal INT\nexplode\n"))).toBe("EINVAL");
    expect(await failure(guest.write("1/ctl", "signal NOPE\n"))).toBe("EINVAL");
    await task.signal("KILL");
    expect(await guest.request()).toBe("signal 1 9\n");
  });

  it("[TASK-12] ends every task with a sentence when the machine stops", async () => {
    const { table, task } = await start();
    table.stop("The machine was switched off.");
    expect(await task.exit).toEqual({ code: 137, signal: "KILL", error: "The machine was switched off." });
    expect(await failure(table.spawn({ argv: ["true"] }, { output: () => undefined }))).toBe("ECANCELED");
  });
});

describe("the inbox", () => {
  it("[INBOX-1] gives one request a read, in order, and none twice", async () => {
    const { table, guest, task } = await start({ argv: ["bash", "-l"], tty: { cols: 80, rows: 24 } });
    expect(await guest.request()).toBe("start 1\n");
    const waiting = guest.request();
    expect(await isSettled(waiting)).toBe(false);
    await task.resize({ cols: 80, rows: 24 });
    await task.resize({ cols: 90, rows: 1e9 });
    expect(await waiting).toBe("winch 1 90 4096\n");
    await table.spawn({ argv: ["true"] }, { output: () => undefined }, { warm: true });
    expect(await guest.request()).toBe("warm 2\n");
    await guest.write("1/status", "exited 0\n");
    expect(await guest.request()).toBe("forget 1\n");
  });

  it("[INBOX-4] carries control lines of one line each", async () => {
    const { guest, task } = await start({}, { control: true });
    await guest.request();
    task.line("cell 1");
    expect(await guest.request()).toBe("line 1 cell 1\n");
    expect(() => task.line("a\nb")).toThrow("EINVAL");
    expect(() => task.line("x".repeat(20_000))).toThrow("E2BIG");
    const { task: plain } = await start();
    expect(() => plain.line("cell 1")).toThrow("EINVAL");
  });

  it("[INBOX-6] parks only when nothing but warm tasks lives", async () => {
    const { table, guest } = await start();
    expect(() => table.park()).toThrow("EBUSY");
    await table.spawn({ argv: ["bash"] }, { output: () => undefined }, { warm: true });
    await guest.write("1/status", "exited 0\n");
    table.park();
    const requests: string[] = [];
    while (requests.at(-1) !== "park\n") requests.push(await guest.request());
    expect(requests).toEqual(["start 1\n", "warm 2\n", "forget 1\n", "park\n"]);
  });

  it("tells when the agent is there", async () => {
    const table = new TaskTable();
    expect(await isSettled(table.attached)).toBe(false);
    void new GuestSide(table.fs).request();
    await table.attached;
  });
});
