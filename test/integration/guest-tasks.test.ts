// Tasks, terminals and cells in the real guest, through its real agent (client/machine/task/SPEC.md, rootfs/agent/).

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CellSpec, ExitStatus, TaskSpec } from "#core/machine/machine.ts";
import { buildLimit, printLimit, type Running, size, TaskGuest } from "#test/harness/task-guest.ts";
import { until } from "#test/harness/until.ts";

let guest: TaskGuest;

beforeAll(async () => {
  guest = await TaskGuest.start();
}, buildLimit);

afterAll(() => guest.machine.dispose());

const spawn = (argv: readonly string[], spec?: Partial<TaskSpec>): Promise<Running> =>
  guest.spawn(argv, spec);
const run = (
  argv: readonly string[],
  spec?: Partial<TaskSpec>,
): Promise<ExitStatus & { out: string; err: string }> => guest.run(argv, spec);
const cell = (source: string, spec?: Partial<CellSpec>): Promise<Running> => guest.cell(source, spec);
const runCell = (source: string, spec?: Partial<CellSpec>): Promise<{ code: number; out: string }> =>
  guest.runCell(source, spec);

describe("tasks", () => {
  it("separate output, errors and exit codes", async () => {
    expect(await run(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      code: 3,
      out: "out\n",
      err: "err\n",
    });
  });

  it("tell a death by a signal, a missing program, a missing folder", async () => {
    expect(await run(["sh", "-c", "kill -SEGV $$"])).toMatchObject({ code: 139, signal: "SEGV" });
    expect(await run(["nosuch"])).toMatchObject({ code: 127, error: "nosuch: there is no such program." });
    expect(await run(["true"], { cwd: "/nowhere" })).toMatchObject({
      code: 126,
      error: "The folder /nowhere cannot be entered: it does not exist.",
    });
    expect(await run(["/etc"])).toMatchObject({ code: 126 });
  });

  it("get arguments, environment and folder exactly", async () => {
    const argv = ["printf", "%s|", "", "a b", "*", "ä\n", '"$HOME"'];
    expect((await run(argv)).out).toBe('|a b|*|ä\n|"$HOME"|');
    expect(
      (await run(["sh", "-c", 'pwd; echo "$X"; echo "$TERM $HOME"'], { env: { X: "1 2" }, cwd: "/tmp" })).out,
    ).toBe("/tmp\n1 2\nxterm-256color /root\n");
  });

  it("read their input to its end, byte by byte the same", async () => {
    const data = Uint8Array.from({ length: 1_500_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
    const running = await spawn(["md5sum"]);
    await running.task.write(data);
    await running.task.eof();
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toBe(`${createHash("md5").update(data).digest("hex")}  -\n`);
  });

  it.each([undefined, size])("print 10 MB exactly (terminal: %j)", async (tty) => {
    const hash = createHash("md5");
    let length = 0;
    const task = await guest.machine.spawn(
      {
        argv: ["sh", "-c", "stty raw 2>/dev/null; seq 1500000 | head -c 10000000"],
        ...(tty === undefined ? {} : { tty }),
      },
      {
        output: (_fd, data) => {
          hash.update(data);
          length += data.length;
        },
      },
    );
    expect(await task.exit).toEqual({ code: 0 });
    expect(length).toBe(10_000_000);
    expect(hash.digest("hex")).toBe("da89597be9620776be6aec60ede132b7");
  });

  it("wait for a slow reader, and can be interrupted while they wait", async () => {
    let length = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const task = await guest.machine.spawn(
      { argv: ["yes"], tty: size },
      {
        output: (_fd, data) => {
          length += data.length;
          return held;
        },
      },
    );
    await until("the first piece", () => length > 0, printLimit);
    const before = length;
    await run(["sleep", "0.3"]);
    expect(length).toBe(before);
    await task.signal("INT");
    release();
    expect(await task.exit).toEqual({ code: 130, signal: "INT" });
  });

  it("run a hundred at once", async () => {
    const tasks = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        spawn(["sh", "-c", `read line; echo "${index} $line"; exit ${index}`]),
      ),
    );
    for (const [index, running] of tasks.entries()) void running.type(`line ${index}\n`);
    for (const [index, running] of tasks.entries()) {
      expect(await running.task.exit).toEqual({ code: index });
      expect(running.out).toBe(`${index} line ${index}\n`);
    }
  });

  it("get signals as a group", async () => {
    const running = await spawn(["sh", "-c", "sleep 100 & echo started; wait"]);
    await running.printed("started");
    await running.task.signal("TERM");
    expect(await running.task.exit).toEqual({ code: 143, signal: "TERM" });
    const caught = await spawn([
      "bash",
      "-c",
      "trap 'echo caught; exit 9' HUP; echo ready; while :; do sleep 0.1; done",
    ]);
    await caught.printed("ready");
    await caught.task.signal("HUP");
    expect(await caught.task.exit).toEqual({ code: 9 });
    expect(caught.out).toContain("caught");
  });

  it("can be seen and steered from the guest", async () => {
    const running = await spawn(["cat"], { cwd: "/tmp" });
    const { id } = running.task;
    const seen = await run(["sh", "-c", `cd /task/${id}; cat status dir; tr '\\0' ' ' < argv; conch ps`]);
    expect(seen.out).toMatch(/^running \d+\n\/tmp\ncat /);
    expect(seen.out).toMatch(new RegExp(`^${id} +running \\d+ +/tmp +cat$`, "m"));
    expect(
      (await run(["sh", "-c", `cd /task/${id}; exec 3< exit; echo hello > fd/0; echo eof > ctl; cat <&3`]))
        .out,
    ).toBe("0\n");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toBe("hello\n");
  });

  it("leave no process behind", async () => {
    const { out } = await run(["sh", "-c", "ps -eo stat,comm | grep -c '^Z' ; conch ps | grep -c running"]);
    // This one itself.
    expect(out).toBe("0\n1\n");
  });
});

describe("terminals", () => {
  it("are a login shell in /project that knows its size", async () => {
    const terminal = await spawn(["bash", "-l"], { tty: { cols: 101, rows: 31 } });
    await terminal.printed("/project");
    await terminal.type("tty; stty size; pwd\r");
    await terminal.printed("31 101\r\n/project\r\n");
    await terminal.task.resize({ cols: 120, rows: 40 });
    await terminal.type("stty size\r");
    await terminal.printed("40 120\r\n");
    // Typed in two parts, so that what the terminal sends back is not what the program prints.
    await terminal.type("echo sta''rted; sleep 97; echo no\r");
    await terminal.printed("\rstarted");
    // A ^C between bash's fork and its handing over of the terminal would reach bash alone, as on any Linux.
    await until("sleep", async () => (await run(["pgrep", "-fc", "^sleep 97"])).out === "1\n", printLimit);
    await terminal.type("\x03");
    await terminal.printed("^C");
    await terminal.type("exit 4\r");
    expect(await terminal.task.exit).toEqual({ code: 4 });
    expect(terminal.out).not.toMatch(/[\r\n]no\r/);
  });

  it("end with what runs in them when they are closed", async () => {
    const terminal = await spawn(["bash", "-l"], { tty: size });
    await terminal.type("sleep 987 & sleep 986\r");
    await terminal.printed("sleep 986");
    await until(
      "both processes",
      async () => (await run(["pgrep", "-fc", "^sleep 98[67]"])).out === "2\n",
      printLimit,
    );
    await terminal.task.signal("HUP");
    await terminal.task.exit;
    expect((await run(["pgrep", "-fc", "^sleep 98[67]"])).out).toBe("0\n");
  });
});

describe("shell cells", () => {
  it("keep variables, functions and folder from cell to cell", async () => {
    expect(await runCell('x=5; f() { echo "f $x"; }\ndeclare -A map=([a]=1)\ncd /etc')).toEqual({
      code: 0,
      out: "",
    });
    expect(await runCell("f; echo ${map[a]}; pwd")).toEqual({ code: 0, out: "f 5\r\n1\r\n/etc\r\n" });
    expect((await runCell("echo $x", { session: "another" })).out).toBe("\r\n");
  });

  it("show errors, and go on", async () => {
    expect(await runCell("echo a\nif; then")).toMatchObject({
      code: 2,
      out: expect.stringContaining("syntax error"),
    });
    expect(await runCell("nosuch")).toMatchObject({
      code: 127,
      out: expect.stringContaining("nosuch: command not found"),
    });
    expect(await runCell("break; false")).toMatchObject({ code: 0, out: "" });
    expect(await runCell("return 7; echo no")).toEqual({ code: 7, out: "" });
    expect((await runCell("echo fine")).out).toBe("fine\r\n");
  });

  it.each([
    "echo started; sleep 100; echo no",
    "echo started; while :; do :; done",
    "echo started; while :; do /bin/true; done; echo no",
    "loop() { while :; do /bin/true | cat; done; echo no; }; echo started; loop; echo no",
    "echo started; cat | cat; echo no",
    "echo started; (sleep 100; echo no); x=$(echo no); echo $x",
    "read -p started; echo no",
  ])("are interrupted, and the session lives: %s", async (source) => {
    await runCell("kept=1");
    // Each time somewhere else between a fork, an exec and an exit.
    for (let time = 0; time < 5; time++) {
      const running = await cell(source);
      await running.printed("started");
      await sleep(Math.random() * 10);
      await running.task.signal("INT");
      expect(await running.task.exit).toMatchObject({ code: 130 });
      expect(running.out).toMatch(/^started[\r\n]*$/);
    }
    expect((await runCell("echo $kept; (exit 3)")).out).toBe("1\r\n");
    expect((await runCell("set -e; (exit 3); echo no")).code).toBe(3);
    expect((await runCell("set +e")).code).toBe(0);
  });

  it("have no use for Ctrl-Z", async () => {
    const running = await cell('read -rn1 -p "key? " key; printf %q "$key"');
    await running.printed("key? ");
    await running.type("\x1a");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toContain("$'\\032'");
  });

  it("read from their terminal", async () => {
    const running = await cell('read -p "name? " name; echo "[$name]"');
    await running.printed("name? ");
    await running.type("Ana\n");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toBe("name? Ana\r\n[Ana]\r\n");
  });

  it("find a sane terminal and no left-over input, whatever the last cell did", async () => {
    await runCell("stty raw -echo");
    const running = await cell("sleep 0.2; printf 'a\\nb\\n'");
    void running.type("ignored\n").catch(() => undefined);
    await running.task.exit;
    expect(running.out).toContain("a\r\nb\r\n");
    expect((await runCell('read -t 0.2 line; echo "<$line>"')).out).toBe("<>\r\n");
  });

  it("may leave jobs behind, whose late output is nobody's", async () => {
    expect((await runCell("(sleep 0.3; echo late) &")).out).not.toContain("late");
    const { out } = await runCell("wait; echo waited");
    expect(out).toContain("waited");
  });

  it("start a fresh session after exit", async () => {
    await runCell("x=old");
    const ended = await runCell("echo bye; exit 3");
    expect(ended.code).toBe(3);
    expect(ended.out).toContain("bye\r\n");
    expect(ended.out).toContain("The session ended (exit 3)");
    expect(await runCell('echo "<$x>"')).toEqual({ code: 0, out: "<>\r\n" });
  });

  it("start a fresh session after a restart", async () => {
    const running = await cell("echo started; sleep 100");
    await running.printed("started");
    await guest.machine.restartSession("sh", "notebook");
    expect((await running.task.exit).code).not.toBe(0);
    expect(await runCell("pwd")).toEqual({ code: 0, out: "/project\r\n" });
  });
});

describe("Python cells", () => {
  const python = { kind: "python" } as const;

  it("keep names, and show the last value", async () => {
    expect(await runCell("x = 41\ndef f(): return 1 / 0\nx + 1", python)).toEqual({ code: 0, out: "42\r\n" });
    expect(await runCell("print('a'); x", python)).toEqual({ code: 0, out: "a\r\n41\r\n" });
    expect(await runCell("x;", python)).toEqual({ code: 0, out: "" });
  });

  it("show tracebacks with lines of the cells and nothing of ours", async () => {
    const { code, out } = await runCell("print('before')\nf()", python);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^before\r\nTraceback \(most recent call last\):\r\n {2}File "<cell \d+>", line 2, in <module>\r\n {4}f\(\)/,
    );
    expect(out).toContain("def f(): return 1 / 0");
    expect(out).toMatch(/ZeroDivisionError: division by zero\r\n$/);
    expect(out).not.toContain("cells.py");
    const syntax = await runCell("x = (", python);
    expect(syntax.code).toBe(1);
    expect(syntax.out).toMatch(/^ {2}File "<cell \d+>", line 1\r\n {4}x = \(/);
  });

  it.each([
    "import time\nprint('started')\ntime.sleep(100)",
    "print('started', flush=True)\nwhile True: pass",
  ])("are interrupted, and the session lives: %s", async (source) => {
    const running = await cell(source, python);
    await running.printed("started");
    await running.task.signal("INT");
    expect(await running.task.exit).toMatchObject({ code: 130 });
    expect(running.out).toMatch(/KeyboardInterrupt\r\n$/);
    expect((await runCell("x", python)).out).toBe("41\r\n");
  });

  it("read from their terminal", async () => {
    const running = await cell("name = input('name? ')\nname", python);
    await running.printed("name? ");
    await running.type("Ana\n");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toBe("name? Ana\r\n'Ana'\r\n");
  });

  it("[CELL-8] run commands and magics of the guest", async () => {
    expect(await runCell("!echo $((6 * 7)); uname -s", python)).toEqual({ code: 0, out: "42\r\nLinux\r\n" });
    expect((await runCell("files = !ls /usr/lib/conch\n'cells.py' in files", python)).out).toBe("True\r\n");
    expect((await runCell("%%bash\necho $BASH_VERSION | cut -c1", python)).out).toBe("5\r\n");
    expect(await runCell("%nosuch", python)).toEqual({ code: 1, out: "There is no magic %nosuch here.\r\n" });
    expect((await runCell("from IPython.display import Markdown\nMarkdown('x').data", python)).out).toBe(
      "'x'\r\n",
    );
  });

  it("[CELL-7] await, and end without their session ending", async () => {
    expect((await runCell("import asyncio\nawait asyncio.sleep(0, 'slept')", python)).out).toBe(
      "'slept'\r\n",
    );
    expect(await runCell("exit(3)", python)).toEqual({ code: 3, out: "" });
    expect((await runCell("x", python)).out).toBe("41\r\n");
    expect(
      await runCell("import os\nif os.fork() == 0: print('child')\nelse: os.wait()", python),
    ).toMatchObject({
      code: 0,
      out: expect.stringContaining("child\r\n") as string,
    });
    expect((await runCell("x", python)).out).toBe("41\r\n");
  });

  it("[CELL-8] a command is interrupted with its cell", async () => {
    const running = await cell("!echo started; sleep 100", python);
    await running.printed("started");
    await running.task.signal("INT");
    expect(await running.task.exit).toMatchObject({ code: 130 });
    expect((await runCell("x", python)).out).toBe("41\r\n");
  });

  it("stop in the debugger, and go on", async () => {
    const running = await cell("def g(n):\n    breakpoint()\n    return n + 1\ng(5)", python);
    await running.printed("(Pdb) ");
    await running.type("p n * 100\n");
    await running.printed("500");
    await running.type("c\n");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toMatch(/\r\n6\r\n$/);
  });

  it("ask for a password", async () => {
    const running = await cell("import getpass\ngetpass.getpass('word: ')", python);
    await running.printed("word: ");
    await running.type("secret\n");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toBe("word: \r\n'secret'\r\n");
  });

  it.each([
    ["python", "print('ready')\nlen(input()), len(input())"],
    ["sh", 'echo ready; read -r a; read -r b; echo "(${#a}, ${#b})"'],
    ["sh", 'echo ready; a=$(head -n 1); b=$(head -n 1); echo "(${#a}, ${#b})"'],
  ] as const)("[CELL-9] take a line of 60,000 characters: %s %s", async (kind, source) => {
    const running = await cell(source, { kind });
    await running.printed("ready");
    await running.type(`${"x".repeat(60_000)}\n`);
    await running.type(`${"y".repeat(10_000)}\n`);
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toContain("(60000, 10000)\r\n");
  });

  it("draw other numbers than every other machine", async () => {
    const draw = "import random, os\nprint(random.random(), os.urandom(8).hex())";
    const other = await TaskGuest.start();
    try {
      const drawn = (await other.runCell(draw, python)).out;
      const own = (await runCell(draw, python)).out;
      const [a, b] = [drawn.trim().split(" "), own.trim().split(" ")];
      expect(a.length).toBe(2);
      expect(b.length).toBe(2);
      expect(a[0]).not.toBe(b[0]);
      expect(a[1]).not.toBe(b[1]);
    } finally {
      await other.machine.dispose();
    }
  });
});

describe("the machine", () => {
  it("has the time of today", async () => {
    const before = Math.floor(Date.now() / 1000) - 2;
    const now = Number((await run(["date", "+%s"])).out);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now() / 1000 + 2);
  });

  it("has what a Linux has", async () => {
    const { out } = await run([
      "sh",
      "-c",
      "hostname; ls -d /dev/pts/ptmx /dev/shm /dev/fd /proc/1; stat -f -c %T /tmp /run",
    ]);
    expect(out).toBe("conch\n/dev/fd\n/dev/pts/ptmx\n/dev/shm\n/proc/1\ntmpfs\ntmpfs\n");
    expect(
      (await run(["bash", "-c", "cat <(echo substituted); exec 3<>/dev/tcp/127.0.0.1/1"])).err,
    ).toContain("Connection refused");
  });

  it("survives the death of its agent", async () => {
    await run(["sh", "-c", "kill -9 $(pgrep -xo conch-agent)"]).catch(() => undefined);
    expect((await run(["echo", "again"])).out).toBe("again\n");
    expect(guest.consoleLines.join("\n")).toContain("the agent has ended and starts again");
  });
});
