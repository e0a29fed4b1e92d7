// Tasks that are made, steered and read through the tree alone, as a guest's shell does.

import { describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOf } from "#core/base/errno.ts";
import { openFlag } from "#machine/fs/fs.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { GuestSide, ManualInterrupt } from "#test/harness/guest-side.ts";
import type { ProgramJob, ProgramRunner } from "./program-runner.ts";
import { TaskTable } from "./task-table.ts";

const failure = async (action: () => unknown): Promise<string> => {
  try {
    await action();
    return "none";
  } catch (error) {
    return errnoOf(error);
  }
};

/** A program that ends when the test says so. */
class TestRunner implements ProgramRunner {
  readonly jobs: ProgramJob[] = [];
  readonly ends: ((exit: ExitStatus) => void)[] = [];
  kills = 0;

  run(job: ProgramJob): { exit: Promise<ExitStatus>; kill: () => void } {
    this.jobs.push(job);
    let end = (_exit: ExitStatus): void => undefined;
    const exit = new Promise<ExitStatus>((resolve) => (end = resolve));
    this.ends.push(end);
    return {
      exit,
      kill: () => {
        this.kills++;
        end({ code: 137 });
      },
    };
  }
}

async function world(): Promise<{
  table: TaskTable;
  guest: GuestSide;
  runner: TestRunner;
  make: (kind?: string) => Promise<string>;
}> {
  const runner = new TestRunner();
  const table = new TaskTable({ runner });
  const guest = new GuestSide(table.fs);
  return { table, guest, runner, make: async (kind = "guest") => (await guest.read(`new/${kind}`)).trim() };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("tasks made in the tree", () => {
  it("[NEW-1] each opening makes one, by its first read", async () => {
    const { guest, make } = await world();
    await guest.open("new/guest");
    expect(await make()).toBe("1");
    expect(await make("wasi")).toBe("2");
    expect(await guest.read("2/kind")).toBe("wasi\n");
    expect(await guest.read("1/status")).toBe("new\n");
    expect((await guest.names("new")).sort()).toEqual(["auto", "gojs", "guest", "wasi"]);
  });

  it("[NEW-2] is what was written, or the default", async () => {
    const { guest, make } = await world();
    const id = await make();
    await guest.rewrite(`${id}/argv`, "printf\0%s\0a b");
    await guest.rewrite(`${id}/ctl`, "start\n");
    expect(await guest.request()).toBe(`start ${id}\n`);
    const strings = (await guest.read(`${id}/spec`)).split("\0");
    expect(strings.slice(0, 7)).toEqual(["", "", "/project", "3", "printf", "%s", "a b"]);
    expect(strings).toContain("HOME=/root");
    expect(await guest.read(`${id}/cmd`)).toBe("printf %s 'a b'\n");
    expect(await failure(() => guest.rewrite(`${id}/argv`, "x"))).toBe("EBUSY");
  });

  it("[NEW-2] takes Apptron's ways: a command line, lines of an environment, a folder, a terminal", async () => {
    const { guest, make } = await world();
    const id = await make();
    await guest.rewrite(`${id}/argv`, "never\0");
    await guest.rewrite(`${id}/cmd`, `sh -c "echo \\"\\$X\\"" 'it''s' a\\ b\n`);
    await guest.rewrite(`${id}/env`, "X=1 2\nPATH=/bin\n");
    await guest.rewrite(`${id}/dir`, "/tmp\n");
    await guest.rewrite(`${id}/tty`, "100 30\n");
    await guest.rewrite(`${id}/ctl`, "start");
    expect(await guest.read(`${id}/spec`)).toBe(
      '100 30\0\0/tmp\x005\0sh\0-c\0echo "$X"\0its\0a b\0PATH=/bin\0X=1 2\0',
    );
  });

  it("[NEW-2] can be written in pieces and appended to", async () => {
    const { guest, make } = await world();
    const id = await make();
    const argv = await guest.open(`${id}/argv`, openFlag.writeOnly);
    await argv.write(0, encodeUtf8("ec"), new ManualInterrupt());
    await argv.write(2, encodeUtf8("ho\0"), new ManualInterrupt());
    const env = await guest.open(`${id}/env`, openFlag.writeOnly | openFlag.append);
    await env.write(0, encodeUtf8("NEW=1\n"), new ManualInterrupt());
    await guest.rewrite(`${id}/ctl`, "start");
    const strings = (await guest.read(`${id}/spec`)).split("\0");
    expect(strings).toContain("echo");
    expect(strings).toContain("NEW=1");
    expect(strings).toContain("HOME=/root");
  });

  it("[NEW-6] a start that makes no sense fails, and says why", async () => {
    const { guest, make } = await world();
    for (const [file, text] of [
      ["argv", ""],
      ["cmd", "echo 'open"],
      ["env", "nonsense"],
      ["tty", "wide"],
      ["dir", "relative"],
    ]) {
      const id = await make();
      await guest.rewrite(`${id}/argv`, "true\0");
      await guest.rewrite(`${id}/${file}`, text ?? "");
      expect([file, await failure(() => guest.write(`${id}/ctl`, "start"))]).toEqual([file, "EINVAL"]);
      expect(await guest.read(`${id}/status`)).toMatch(/^failed 22 spec EINVAL: ./);
      expect(await guest.read(`${id}/exit`)).toBe("126\n");
    }
    const table = new TaskTable();
    const side = new GuestSide(table.fs);
    const id = (await side.read("new/wasi")).trim();
    await side.write(`${id}/argv`, "x.wasm\0");
    expect(await failure(() => side.write(`${id}/ctl`, "start"))).toBe("ENOSYS");
  });

  it("[NEW-5] gives output to readers of the tree, with back-pressure, and its end", async () => {
    const { guest, make } = await world();
    const id = await make();
    await guest.write(`${id}/cmd`, "x");
    await guest.write(`${id}/ctl`, "start");
    const text = guest.read(`${id}/fd/1`);
    await guest.write(`${id}/fd/1`, "one ");
    await guest.write(`${id}/fd/1`, "two");
    await guest.write(`${id}/fd/2`, "kept");
    const much = "x".repeat(65_536);
    let answered = false;
    const held = guest.write(`${id}/fd/2`, much).then(() => (answered = true));
    await settled();
    expect(answered).toBe(false);
    const errors = await guest.open(`${id}/fd/2`);
    expect(decodeUtf8Lossy(await errors.read(0, 100, new ManualInterrupt()))).toBe("kept");
    await settled();
    expect(answered).toBe(false);
    expect((await errors.read(0, 100_000, new ManualInterrupt())).length).toBe(65_536);
    await held;
    await guest.write(`${id}/fd/1`, " three");
    await guest.write(`${id}/fd/2`, "late");
    await guest.write(`${id}/status`, "exited 3\n");
    expect(await text).toBe("one two three");
    expect(decodeUtf8Lossy(await errors.read(0, 100, new ManualInterrupt()))).toBe("late");
    expect((await errors.read(0, 100, new ManualInterrupt())).length).toBe(0);
    expect(await guest.read(`${id}/exit`)).toBe("3\n");
    expect(await guest.read(`${id}/status`)).toBe("exited 3\n");
  });

  it("[NEW-5] writes fail once the last reader has gone", async () => {
    const { guest, make } = await world();
    const id = await make();
    await guest.write(`${id}/cmd`, "x");
    await guest.write(`${id}/ctl`, "start");
    const reader = await guest.open(`${id}/fd/1`);
    const pending = failure(() => guest.write(`${id}/fd/1`, "x".repeat(100_000)));
    await settled();
    await reader.close();
    expect(await pending).toBe("EPIPE");
    expect(await failure(() => guest.write(`${id}/fd/1`, "abc"))).toBe("EPIPE");
    const other = guest.read(`${id}/fd/1`);
    await guest.write(`${id}/fd/1`, "abc");
    await guest.write(`${id}/status`, "exited 0\n");
    expect(await other).toBe("abc");
  });

  it("[NEW-3] ends with the opening that made it, where that is still open", async () => {
    const { guest } = await world();
    const holder = await guest.open("new/guest");
    const id = decodeUtf8Lossy(await holder.read(0, 100, new ManualInterrupt())).trim();
    await guest.write(`${id}/cmd`, "sleep 100");
    await guest.write(`${id}/ctl`, "start");
    expect(await guest.request()).toBe(`start ${id}\n`);
    await holder.close();
    expect(await guest.request()).toBe(`signal ${id} 1\n`);
    expect(await guest.request()).toBe(`signal ${id} 9\n`);
    await guest.write(`${id}/status`, "signaled 1\n");
    expect(await guest.names("")).toEqual(["inbox", "new", "exec"]);
  });

  it("[NEW-4] forget ends what runs, and drops what has ended or never began", async () => {
    const { guest, make } = await world();
    const [fresh, running, ended] = [await make(), await make(), await make()];
    for (const id of [running, ended]) {
      await guest.write(`${id}/cmd`, "x");
      await guest.write(`${id}/ctl`, "start");
    }
    await guest.write(`${ended}/status`, "exited 0\n");
    for (const id of [fresh, running, ended]) await guest.write(`${id}/ctl`, "forget");
    expect(await guest.names("")).toEqual(["inbox", "new", "exec", running]);
    await guest.write(`${running}/status`, "signaled 9\n");
    expect(await guest.names("")).toEqual(["inbox", "new", "exec"]);
  });

  it("[NEW-4] keeps no more than 64 of those that nobody holds", async () => {
    const { guest, make } = await world();
    for (let count = 0; count < 70; count++) await make();
    const names = (await guest.names("")).filter((name) => /^\d/.test(name));
    expect([names.length, names[0], names.at(-1)]).toEqual([64, "7", "70"]);
  });
});

describe("tasks in WebAssembly", () => {
  it("run in the host, with the streams of the tree", async () => {
    const { guest, runner, make } = await world();
    const id = await make("wasi");
    await guest.write(`${id}/argv`, "/project/a.wasm\0x y\0");
    await guest.write(`${id}/ctl`, "start");
    const [job] = runner.jobs;
    expect(job).toMatchObject({ kind: "wasi", argv: ["/project/a.wasm", "x y"], cwd: "/project" });
    const read = job?.readInput(10, new ManualInterrupt());
    await guest.write(`${id}/fd/0`, "in");
    expect(decodeUtf8Lossy((await read) ?? new Uint8Array())).toBe("in");
    const out = guest.read(`${id}/fd/1`);
    await job?.writeOutput(1, encodeUtf8("out"), new ManualInterrupt());
    runner.ends[0]?.({ code: 4 });
    expect(await out).toBe("out");
    expect(await guest.read(`${id}/exit`)).toBe("4\n");
  });

  it("[TASK-10] end by signals that would end a process, and by no others", async () => {
    const { table, runner } = await world();
    const events = { output: (): void => undefined };
    const task = await table.spawn({ kind: "auto", argv: ["x.wasm"] }, events);
    await task.signal("CONT");
    expect(runner.kills).toBe(0);
    await task.signal("INT");
    expect(await task.exit).toEqual({ code: 130, signal: "INT" });
  });

  it("say why they cannot run", async () => {
    const { table, runner } = await world();
    const task = await table.spawn({ kind: "auto", argv: ["x.wasm"] }, { output: () => undefined });
    runner.ends[0]?.({ code: 126, error: "cannot execute: it is neither." });
    expect(await task.exit).toEqual({ code: 126, error: "cannot execute: it is neither." });
  });
});

describe("/task/exec", () => {
  const request = "77\x003\0/tmp\0*\x002\0./a.wasm\0b c\0PATH=/bin\0=odd\0";

  /** The number of a request, its call and its bytes. */
  interface Parsed {
    readonly id: number;
    readonly call: number;
    readonly args: readonly number[];
    readonly further: readonly (readonly number[])[];
    readonly text: string;
  }
  /** EXEC-3. */
  const parse = (bytes: Uint8Array): Parsed => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const at = (index: number): number => view.getUint32(index * 4, true);
    const further = Array.from({ length: at(12) }, (_, next) =>
      Array.from({ length: 9 }, (_each, index) => at(14 + next * 9 + index)),
    );
    const text = decodeUtf8Lossy(bytes.slice((14 + further.length * 9) * 4));
    expect(encodeUtf8(text).length).toBe(at(13));
    return { id: at(0), call: at(1), args: [at(2), at(3), at(4)], further, text };
  };

  const answer = (id: number, result: number): Uint8Array => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, id, true);
    new DataView(bytes.buffer).setInt32(4, result, true);
    return bytes;
  };

  it("[EXEC-1] [EXEC-3] [EXEC-4] runs a program and carries its system calls", async () => {
    const { guest, runner, table } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    expect(await failure(() => file.read(0, 100, new ManualInterrupt()))).toBe("EINVAL");
    expect(await failure(() => file.write(0, encodeUtf8("x"), new ManualInterrupt()))).toBe("EINVAL");
    await file.write(0, encodeUtf8(request), new ManualInterrupt());
    const [job] = runner.jobs;
    expect(job).toMatchObject({
      kind: "auto",
      argv: ["./a.wasm", "b c"],
      cwd: "/tmp",
      env: { PATH: "/bin" },
    });
    expect(await guest.read("1/status")).toBe("running 77\n");
    const read = job?.proxy?.calls.perform({
      number: 3,
      args: [0, 0, 5],
      pointers: [1],
      back: { offset: 0, length: "result" },
    });
    const call = parse(await file.read(0, 1000, new ManualInterrupt()));
    expect(call).toMatchObject({ call: 3, args: [0, 0, 5] });
    const answer = new Uint8Array(11);
    new DataView(answer.buffer).setUint32(0, call.id, true);
    new DataView(answer.buffer).setInt32(4, 3, true);
    answer.set(encodeUtf8("abc"), 8);
    await file.write(0, answer, new ManualInterrupt());
    expect(await read).toMatchObject({ result: 3, data: encodeUtf8("abc") });
    const failing = failure(async () =>
      job?.proxy?.calls.perform({
        number: 5,
        args: [0],
        pointers: [0],
        data: encodeUtf8("path\0"),
        further: [
          { number: 6, args: [0, 4], pointers: [1], results: [0] },
          { number: 7, args: [0], results: [0] },
        ],
      }),
    );
    const { id, further, text } = parse(await file.read(0, 1000, new ManualInterrupt()));
    expect(further).toEqual([
      [6, 0, 4, 0, 0, 0, 0, 0b10, 0b1],
      [7, 0, 0, 0, 0, 0, 0, 0, 0b1],
    ]);
    expect(text).toBe("path\0");
    new DataView(answer.buffer).setUint32(0, id, true);
    new DataView(answer.buffer).setInt32(4, -13, true);
    await file.write(0, answer.subarray(0, 8), new ManualInterrupt());
    expect(await failing).toBe("EACCES");
    expect(await failure(() => file.write(0, answer, new ManualInterrupt()))).toBe("EINVAL");
    table.stop("over");
  });

  it("[EXEC-2] the program ends with the process, and a signal goes to the process", async () => {
    const { guest, runner } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    await file.write(0, encodeUtf8(request), new ManualInterrupt());
    await guest.write("1/ctl", "signal TERM");
    expect(await guest.request()).toBe("kill 77 15\n");
    const pending = failure(async () => runner.jobs[0]?.proxy?.calls.perform({ number: 20, args: [] }));
    await file.close();
    expect(await pending).toBe("EINTR");
    await settled();
    expect(runner.kills).toBe(1);
    expect(await guest.names("")).toEqual(["inbox", "new", "exec"]);
  });

  it("[TASK-12] ends the program when the machine stops", async () => {
    const { guest, runner, table } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    await file.write(0, encodeUtf8(request), new ManualInterrupt());
    table.stop("The machine was stopped.");
    await settled();
    expect(runner.kills).toBe(1);
    const other = await world();
    await other.table.spawn({ kind: "wasi", argv: ["x.wasm"] }, { output: () => undefined });
    other.table.stop("The machine was stopped.");
    expect(other.runner.kills).toBe(1);
  });

  it("[EXEC-6] makes the process end as the program did", async () => {
    const { guest, runner } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    await file.write(0, encodeUtf8(request), new ManualInterrupt());
    runner.ends[0]?.({ code: 126, error: "./a.wasm cannot be executed: odd." });
    const said = parse(await file.read(0, 1000, new ManualInterrupt()));
    expect(said).toMatchObject({ call: 4, args: [2, 0, 34], text: "./a.wasm cannot be executed: odd.\n" });
    await file.write(0, answer(said.id, 34), new ManualInterrupt());
    expect(parse(await file.read(0, 1000, new ManualInterrupt()))).toMatchObject({
      call: 252,
      args: [126, 0, 0],
    });
    await file.close();
    await settled();
    expect(await guest.names("")).toEqual(["inbox", "new", "exec"]);
  });

  it("[EXEC-6] a thread of the process gives itself the program's signal, and only one that lives on exits", async () => {
    const { guest, runner } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    await file.write(0, encodeUtf8(request), new ManualInterrupt());
    runner.ends[0]?.({ code: 134, signal: "ABRT" });
    const killed = parse(await file.read(0, 1000, new ManualInterrupt()));
    // gettid, then tkill with what it gave.
    expect(killed).toMatchObject({ call: 224, further: [[238, 0, 6, 0, 0, 0, 0, 0, 0b1]] });
    const interrupt = new ManualInterrupt();
    const next = file.read(0, 1000, interrupt);
    let asked = false;
    void Promise.resolve(next).then(() => (asked = true));
    await settled();
    expect(asked).toBe(false);
    await file.write(0, answer(killed.id, 77), new ManualInterrupt());
    expect(parse(await next)).toMatchObject({ call: 252, args: [134, 0, 0] });
    await file.close();
  });

  it("[EXEC-7] a program may be told all that it sees", async () => {
    const { guest, runner } = await world();
    const file = await guest.open("exec", openFlag.readWrite);
    const start = "77\x003\0/tmp\x002\0data\0/\0.\0.\x001\0./a.wasm\0";
    await file.write(0, encodeUtf8(start), new ManualInterrupt());
    expect(runner.jobs[0]).toMatchObject({
      argv: ["./a.wasm"],
      env: {},
      folders: [
        { path: "data", name: "/" },
        { path: ".", name: "." },
      ],
    });
    await file.close();
    const other = await guest.open("exec", openFlag.readWrite);
    expect(
      await failure(() => other.write(0, encodeUtf8("77\x003\0/\x009\0a\0"), new ManualInterrupt())),
    ).toBe("EINVAL");
    await other.close();
  });
});
