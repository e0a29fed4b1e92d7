import { describe, expect, it, vi } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { ExitStatus, SessionKind, Task } from "#core/machine/machine.ts";
import { printCellReport } from "./cell-report.ts";
import { GuestSide } from "#test/harness/guest-side.ts";
import { type SessionCell, Sessions, type SessionsOptions } from "./sessions.ts";
import { TaskTable } from "#machine/task/task-table.ts";

/** A session's program as the guest has it: reads control lines, reads sources, writes to its terminal. */
class Program {
  readonly id: number;
  readonly directory: string;
  readonly #guest: GuestSide;
  readonly #nonce: string;

  constructor(guest: GuestSide, id: number, nonce: string, directory: string) {
    this.#guest = guest;
    this.id = id;
    this.#nonce = nonce;
    this.directory = directory;
  }

  /** What the agent does with `start` and the `session` line. */
  static async start(guest: GuestSide): Promise<Program> {
    const id = Number(/^start (\d+)\n$/.exec(await guest.request())?.[1]);
    const [, nonce, directory] = /session \d+ ([0-9a-f]{32}) (\S+)\n$/.exec(await guest.request()) ?? [];
    return new Program(guest, id, nonce ?? "", directory ?? "");
  }

  /** The next `session` line: the same program, for another use. */
  static async handOver(guest: GuestSide, from: Program): Promise<Program> {
    const [, nonce, directory] = /session \d+ ([0-9a-f]{32}) (\S+)\n$/.exec(await guest.request()) ?? [];
    return new Program(guest, from.id, nonce ?? "", directory ?? "");
  }

  /** The number and the source of the next cell. */
  async next(): Promise<[cell: number, source: string]> {
    const cell = Number(/^line \d+ cell (\d+)\n$/.exec(await this.#guest.request())?.[1]);
    return [cell, await this.#guest.read(`${this.id}/cells/${cell}`)];
  }

  async print(text: string): Promise<void> {
    await this.#guest.write(`${this.id}/fd/1`, text);
  }

  began(cell: number): Promise<void> {
    return this.print(printCellReport(this.#nonce, { kind: "start", cell }));
  }

  ended(cell: number, code: number): Promise<void> {
    return this.print(printCellReport(this.#nonce, { kind: "end", cell, code, cwd: "/project" }));
  }

  async exit(status: string): Promise<void> {
    await this.#guest.write(`${this.id}/status`, `${status}\n`);
  }
}

interface Run {
  readonly task: Task;
  readonly output: () => string;
}

class World {
  readonly table = new TaskTable();
  readonly guest = new GuestSide(this.table.fs);
  readonly sessions: Sessions;

  constructor(options: SessionsOptions = {}) {
    this.sessions = new Sessions(this.table, options);
  }

  async run(source: string, spec: Partial<SessionCell> = {}): Promise<Run> {
    let text = "";
    const task = await this.sessions.runCell(
      { kind: "sh", session: "nb", source, tty: { cols: 80, rows: 24 }, ...spec },
      { output: (_fd, data) => void (text += decodeUtf8Lossy(data)) },
    );
    return { task, output: () => text };
  }
}

describe("sessions of cells", () => {
  it("[CELL-1] sends a session where it shall go, and each cell as a file", async () => {
    const world = new World();
    await world.run("echo 'ä'\n", { cwd: "/project/a b" });
    const program = await Program.start(world.guest);
    expect(program.directory).toBe("/project/a%20b");
    expect(await program.next()).toEqual([1, "echo 'ä'\n"]);
  });

  it("[CELL-3] delivers what comes between start and end, nothing else", async () => {
    const world = new World();
    const run = await world.run("x");
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await program.print("welcome to bash");
    await program.began(cell);
    await program.print("one\r\n");
    await program.print("two\r\n");
    await program.ended(cell, 0);
    await program.print("late background job");
    expect(await run.task.exit).toEqual({ code: 0 });
    expect(run.output()).toBe("one\r\ntwo\r\n");
    expect(await world.guest.names(`${program.id}/cells`)).toEqual([]);
  });

  it("[CELL-4] runs one cell at a time, in the order in which they came", async () => {
    const world = new World();
    const runs = [
      await world.run("a"),
      await world.run("b"),
      await world.run("c", { tty: { cols: 100, rows: 24 } }),
    ];
    const program = await Program.start(world.guest);
    for (const source of ["a", "b"]) {
      const [cell, text] = await program.next();
      expect(text).toBe(source);
      await program.began(cell);
      await program.print(`ran ${text}`);
      await program.ended(cell, 0);
    }
    // The third has another size.
    expect(await world.guest.request()).toBe(`winch ${program.id} 100 24\n`);
    const [cell] = await program.next();
    await program.began(cell);
    await program.ended(cell, 5);
    expect(await Promise.all(runs.map((run) => run.task.exit))).toEqual([
      { code: 0 },
      { code: 0 },
      { code: 5 },
    ]);
    expect(runs.map((run) => run.output())).toEqual(["ran a", "ran b", ""]);
  });

  it("keeps sessions of other notebooks and kinds apart", async () => {
    const world = new World();
    const kinds: readonly [SessionKind, string][] = [
      ["sh", "one"],
      ["sh", "two"],
      ["python", "one"],
    ];
    const ids: number[] = [];
    for (const [kind, session] of kinds) {
      await world.run("x", { kind, session });
      const program = await Program.start(world.guest);
      ids.push(program.id);
      await program.next();
    }
    expect(ids).toEqual([1, 2, 3]);
    expect(await world.guest.read("3/argv")).toContain("python3");
  });

  it("has a program rehearse, and gives it to the first session of its kind", async () => {
    const world = new World();
    const prepared = world.sessions.prepare("sh");
    const spare = await Program.start(world.guest);
    const early = await world.run("echo early");
    const [rehearsal, source] = await spare.next();
    expect(source).toBe(":");
    await spare.began(rehearsal);
    await spare.ended(rehearsal, 0);
    await prepared;
    // It gets a name and a directory of its own.
    const program = await Program.handOver(world.guest, spare);
    expect(program.directory).toBe("/project");
    const [cell, early1] = await program.next();
    expect([cell, early1]).toEqual([2, "echo early"]);
    await spare.ended(cell, 9);
    await program.began(cell);
    await program.print("early");
    await program.ended(cell, 0);
    expect(await early.task.exit).toEqual({ code: 0 });
    expect(early.output()).toContain("early");
    // Another session starts its own.
    await world.run("echo", { session: "two" });
    expect((await Program.start(world.guest)).id).not.toBe(program.id);
  });

  it("has the next program rehearse once one was taken into use", async () => {
    vi.useFakeTimers();
    try {
      const world = new World({ replenish: true });
      await world.run("first");
      const first = await Program.start(world.guest);
      await first.next();
      await vi.advanceTimersByTimeAsync(10_000);
      const spare = await Program.start(world.guest);
      expect(spare.id).not.toBe(first.id);
      expect((await spare.next())[1]).toBe(":");
    } finally {
      vi.useRealTimers();
    }
  });

  it("does without a spare that ended", async () => {
    const world = new World();
    const prepared = world.sessions.prepare("sh");
    const spare = await Program.start(world.guest);
    await spare.next();
    await spare.exit("exited 1");
    await prepared;
    expect(await world.guest.request()).toBe(`forget ${spare.id}\n`);
    await world.run("echo");
    const program = await Program.start(world.guest);
    expect((await program.next())[1]).toBe("echo");
  });

  it("[CELL-5] an interrupt goes to the running cell, and the session lives", async () => {
    const world = new World();
    const run = await world.run("sleep 100");
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await program.began(cell);
    await run.task.signal("INT");
    expect(await world.guest.request()).toBe(`signal ${program.id} 2\n`);
    await program.ended(cell, 130);
    expect(await run.task.exit).toEqual({ code: 130, signal: "INT" });
    await world.run("echo");
    expect(await program.next()).toEqual([2, "echo"]);
  });

  it("[CELL-5] an interrupt before start is held until then", async () => {
    const world = new World();
    const run = await world.run("sleep 100");
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await run.task.signal("INT");
    await program.began(cell);
    expect(await world.guest.request()).toBe(`signal ${program.id} 2\n`);
  });

  it("[CELL-5] a cell that waits is taken out of the queue", async () => {
    const world = new World();
    await world.run("a");
    const waiting = await world.run("b");
    await world.run("c");
    await waiting.task.signal("INT");
    expect(await waiting.task.exit).toEqual({ code: 130, signal: "INT" });
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await program.began(cell);
    await program.ended(cell, 0);
    expect(await program.next()).toEqual([2, "c"]);
  });

  it("input waits for the cell to start", async () => {
    const world = new World();
    const run = await world.run("read x");
    const written = run.task.write(encodeUtf8("bob\n"));
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await program.began(cell);
    const input = await world.guest.open(`${program.id}/fd/0`);
    const none = { interrupted: false, on: () => () => undefined };
    expect(decodeUtf8Lossy(await input.read(0, 100, none))).toBe("bob\n");
    await written;
    await program.ended(cell, 0);
    await run.task.exit;
    await expect(run.task.write(encodeUtf8("late"))).rejects.toThrow("EPIPE");
  });

  it.each([
    ["exited 3", { code: 3 }, "exit 3"],
    ["signaled 9", { code: 137, signal: "KILL" }, "signal KILL"],
  ] satisfies [string, ExitStatus, string][])(
    "[CELL-6] a program that %s ends its cell, and the next has a fresh one",
    async (status, exit, told) => {
      const world = new World();
      const run = await world.run("exit 3");
      const next = await world.run("echo");
      const program = await Program.start(world.guest);
      const [cell] = await program.next();
      await program.began(cell);
      await program.print("bye\r\n");
      await program.exit(status);
      expect(await run.task.exit).toEqual(exit);
      expect(run.output()).toContain("bye\r\n");
      expect(run.output()).toContain(told);
      expect(await world.guest.request()).toBe(`forget ${program.id}\n`);
      const fresh = await Program.start(world.guest);
      expect(fresh.id).not.toBe(program.id);
      const [again] = await fresh.next();
      await fresh.began(again);
      await fresh.ended(again, 0);
      expect(await next.task.exit).toEqual({ code: 0 });
    },
  );

  it("tells why a session did not start", async () => {
    const world = new World();
    const run = await world.run("1", { kind: "python" });
    const program = await Program.start(world.guest);
    await program.exit("failed 2 exec");
    expect(await run.task.exit).toEqual({ code: 127, error: "python3: there is no such program." });
    world.table.stop("The machine was switched off.");
    const late = await world.run("1");
    expect((await late.task.exit).error).toContain("The machine was switched off.");
  });

  it("restarts: kills the program, ends what runs and waits", async () => {
    const world = new World();
    const run = await world.run("sleep 100");
    const waiting = await world.run("echo");
    const program = await Program.start(world.guest);
    const [cell] = await program.next();
    await program.began(cell);
    const restarted = world.sessions.restart("sh", "nb");
    expect(await world.guest.request()).toBe(`signal ${program.id} 1\n`);
    expect(await world.guest.request()).toBe(`signal ${program.id} 9\n`);
    await program.exit("signaled 9");
    await restarted;
    expect((await run.task.exit).code).toBe(137);
    expect((await waiting.task.exit).code).toBe(130);
    await world.sessions.restart("python", "nobody");
  });
});
