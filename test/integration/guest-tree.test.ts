// /task as people and scripts in the guest use it, the agent under load and under garbage, and what cells can show.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";

import { displaysIn } from "#core/notebook/output/display.ts";
import { buildLimit, printLimit, size, TaskGuest } from "#test/harness/task-guest.ts";
import { until } from "#test/harness/until.ts";

let guest: TaskGuest;

beforeAll(async () => {
  guest = await TaskGuest.start();
}, buildLimit);

afterAll(() => guest.machine.dispose());

const sh = async (script: string): Promise<string> => {
  const { out, err } = await guest.run(["bash", "-c", script]);
  return out + err;
};

const count = async (pattern: string): Promise<string> => (await guest.run(["pgrep", "-fc", pattern])).out;

describe("tasks made in the guest's shell", () => {
  it("[NEW-1] [NEW-2] run with exact arguments, and tell output and end", async () => {
    expect(
      await sh(`id=$(cat /task/new/guest); cd /task/$id; cat status
        printf 'sh\\0-c\\0echo "$1"; pwd; echo $X; echo bad >&2; exit 3\\0sh\\0a  b' > argv
        echo /tmp > dir; echo X=1 >> env; echo start > ctl
        cat fd/1; cat fd/2; cat exit; cat status; cat cmd; echo forget > ctl; ls /task | grep -c "^$id\\$"`),
    ).toBe(
      `new\na  b\n/tmp\n1\nbad\n3\nexited 3\nsh -c 'echo "$1"; pwd; echo $X; echo bad >&2; exit 3' sh 'a  b'\n0\n`,
    );
  });

  it("[NEW-2] understand a session as Apptron's exec has it", async () => {
    // What `aptn exec` does, file by file: a command line, a folder, lines of an environment, then start.
    expect(
      await sh(`task=/task/$(cat /task/new/auto | sed 's/.*/&/'); echo forget > $task/ctl
        task=/task/$(cat /task/new/guest)
        echo -n "/usr/bin/env -u nothing sh -c 'cat; echo \\"done in \\$PWD with \\$GREETING\\"'" > $task/cmd
        echo -n /etc > $task/dir
        printf 'PATH=/usr/bin\\nGREETING=good day' > $task/env
        echo -n start > $task/ctl
        (echo typed; echo more) > $task/fd/0; echo eof > $task/ctl
        cat $task/fd/1; exit $(cat $task/exit)`),
    ).toBe("typed\nmore\ndone in /etc with good day\n");
  });

  it("[NEW-2] have a terminal where they ask for one, and learn its size", async () => {
    const { out } = await guest.run([
      "bash",
      "-c",
      `exec 3< /task/new/guest; read id <&3; cd /task/$id
       echo 90 20 > tty; echo "bash -c 'stty size; read; stty size'" > cmd; echo start > ctl
       exec 4< fd/1; read size <&4; echo "$size"; echo 91 21 > winch; echo > fd/0; cat <&4`,
    ]);
    expect(out.replaceAll("\r", "")).toBe("20 90\n\n21 91\n");
  });

  it("[NEW-3] end with the process that holds them, and with its children", async () => {
    const before = await sh("ls /task | grep -c '^[0-9]'");
    const holder = await guest.spawn([
      "bash",
      "-c",
      `exec 3< /task/new/guest; read id <&3; cd /task/$id
       echo "sh -c 'sleep 971 & sleep 972'" > cmd; echo start > ctl; echo started; exec sleep 973`,
    ]);
    await holder.printed("started");
    await until("both", async () => (await count("^sleep 97[12]")) === "2\n", printLimit);
    await holder.task.signal("KILL");
    await holder.task.exit;
    await until("nobody", async () => (await count("^sleep 97[12]")) === "0\n", printLimit);
    expect(await sh("ls /task | grep -c '^[0-9]'")).toBe(before);
  });

  it("[NEW-5] end as in any pipe when nobody reads them any more", async () => {
    expect(
      await sh(`id=$(cat /task/new/guest); cd /task/$id; echo yes > cmd; echo start > ctl
        cat fd/1 | head -2; cat exit status; echo forget > ctl`),
    ).toBe("y\ny\n141\nsignaled PIPE\n");
  });

  it("[NEW-6] say what is wrong", async () => {
    expect(
      await sh(`id=$(cat /task/new/guest); cd /task/$id; echo start > ctl; cat status
        id=$(cat /task/new/guest); cd /task/$id; echo /nosuch > cmd; echo start > ctl; cat exit status`),
    ).toMatch(
      /failed 22 spec EINVAL: a task needs a program\n127\nfailed 2 exec\n.*write error: Invalid argument/s,
    );
  });
});

describe("the agent", () => {
  it("runs a hundred terminals at once", async () => {
    const tasks = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        guest.spawn(["sh", "-c", `echo ready; read line; tty; echo "${index} $line"; exit ${index}`], {
          tty: size,
        }),
      ),
    );
    await Promise.all(tasks.map((running) => running.printed("ready")));
    for (const [index, running] of tasks.entries()) void running.type(`line ${index}\n`);
    const terminals = new Set<string>();
    for (const [index, running] of tasks.entries()) {
      expect(await running.task.exit).toEqual({ code: index });
      expect(running.out).toContain(`${index} line ${index}\r\n`);
      terminals.add(/\/dev\/pts\/\d+/.exec(running.out)?.[0] ?? "");
    }
    expect(terminals.size).toBe(100);
  }, 300_000);

  it("survives garbage in its inbox, and does what comes after it", async () => {
    // A second agent, whose host is a folder of plain files.
    const script = `mkdir -p /tmp/a/1/fd /tmp/run; cd /tmp/a; mkfifo inbox; : > console
      printf '\\0\\0/tmp\\x003\\0sh\\0-c\\0echo it lives\\0PATH=/usr/bin\\0' > 1/spec; : > 1/fd/1; : > 1/fd/2; : > 1/fd/0; : > 1/status
      /usr/lib/conch/conch-agent /tmp/a /tmp/a/console /tmp/run & agent=$!
      exec 3> inbox
      for line in '' ' ' start 'start ' 'start x' 'start 0' 'start -1' 'start 99999999999999999999' 'start 1 2' \\
        'warm' 'signal' 'signal 1' 'signal 7 9' 'signal 1 x' 'winch 1' 'winch 1 2 3 4' 'line' 'line 3' 'kill' 'kill 0 9' \\
        'kill 1 x' 'forget' 'forget 5' 'park now' 'explode 1' "$(printf 'a%.0s' $(seq 9000))"; do printf '%s\\n' "$line" >&3; done
      head -c 40000 /dev/urandom | tr -d '\\n' >&3; printf '\\n' >&3
      head -c 20000 /dev/zero >&3; printf '\\nstart 77\\nstart 1\\n' >&3
      for _ in $(seq 100); do grep -q exited 1/status && break; sleep 0.1; done
      cat 1/fd/1; tail -1 1/status; kill -0 $agent && echo alive; kill $agent; rm -r /tmp/a /tmp/run`;
    expect(await sh(script)).toBe("it lives\nexited 0\nalive\n");
  }, 300_000);

  it("costs nothing when nobody asks for anything", async () => {
    const ticks = "awk '{ print $14 + $15 }' /proc/$(pgrep -xo conch-agent)/stat";
    const [before, after] = (await sh(`${ticks}; sleep 2; ${ticks}`)).trim().split("\n").map(Number);
    expect((after ?? 0) - (before ?? 0)).toBeLessThanOrEqual(1);
  });
});

describe("cells", () => {
  const python = { kind: "python" } as const;

  it("a shell session survives a cell that ends by `set -e`", async () => {
    expect(await guest.runCell("kept=7; set -e; echo before; false; echo no")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^before\r\n\s*$/),
    });
    expect(await guest.runCell("(exit 3); echo no")).toMatchObject({ code: 3 });
    expect(await guest.runCell("f() { ls /nowhere; echo no; }; f; echo no")).toMatchObject({
      code: 2,
      out: expect.not.stringContaining("no\r\n"),
    });
    expect(await guest.runCell("if false; then :; fi; set +e; false; echo $kept")).toEqual({
      code: 0,
      out: "7\r\n",
    });
  });

  it("[DISPLAY-1] [DISPLAY-3] show files where they are displayed", async () => {
    const { out, code } = await guest.runCell(
      `cd /tmp; printf '<svg xmlns="http://www.w3.org/2000/svg"/>' > 'a b.svg'; printf 'x,y\\n1,2\\n' > t.csv
       echo one; display 'a b.svg'; echo two; conch display t.csv; echo '{"a":1}' | display -t application/json -; display nosuch`,
    );
    expect(code).toBe(1);
    const shown = displaysIn(out);
    expect(shown.map(({ mime, name }) => [mime, name])).toEqual([
      ["image/svg+xml", "a b.svg"],
      ["text/csv", "t.csv"],
      ["application/json", "standard input"],
    ]);
    expect(shown.map((item) => decodeUtf8Lossy(guest.blobs.get(item)))).toEqual([
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      "x,y\n1,2\n",
      '{"a":1}\n',
    ]);
    expect(out.indexOf("one")).toBeLessThan(out.indexOf("6973;display"));
    expect(out).toContain("display: nosuch: there is no such file");
  });

  it("[DISPLAY-2] show what is written to the display of a task", async () => {
    const running = await guest.spawn(["cat"]);
    await sh(`printf '<svg/>' > /task/${running.task.id}/display`);
    await until("the mark", () => displaysIn(running.out).length === 1, printLimit);
    expect(displaysIn(running.out)[0]).toMatchObject({ mime: "image/svg+xml" });
    await running.task.eof();
    await running.task.exit;
  });

  it("[DISPLAY-3] Python shows rich values, and what display() is given", async () => {
    const { out } = await guest.runCell(
      `class Table:
    def _repr_html_(self): return "<table></table>"
    def __repr__(self): return "plain"
class Plot:
    def _repr_png_(self): return b"\\x89PNG\\r\\n\\x1a\\n"
print("first")
display(Plot())
open("/tmp/r.md", "w").write("# Title");
display("/tmp/r.md")
display(42)
Table()`,
      python,
    );
    expect(displaysIn(out).map(({ mime, name }) => [mime, name])).toEqual([
      ["image/png", ""],
      ["text/markdown", "r.md"],
      ["text/html", ""],
    ]);
    expect(out).toMatch(/^first\r\n/);
    expect(out).toContain("42\r\n");
    expect(out).not.toContain("plain");
    expect((await guest.runCell("_.__class__.__name__, Table", python)).out).toContain("'Table'");
  });

  it("a Python session restarts at once, with nothing kept", async () => {
    await guest.runCell("kept = 1", python);
    await guest.machine.restartSession("python", "notebook");
    expect((await guest.runCell("'kept' in globals()", python)).out).toBe("False\r\n");
  });

  it("a representation that fails gives way to the text, and its error is named", async () => {
    const { code, out } = await guest.runCell(
      "class Bad:\n    def _repr_html_(self):\n        return 1 / 0\nBad()",
      python,
    );
    expect(code).toBe(0);
    expect(out).toContain("Bad object");
    expect(out).toContain("ZeroDivisionError");
    expect(out).not.toContain("cells.py");
  });
});
