// WebAssembly programs as programs of the guest: started by its shell, in its pipes and on its terminals, with its files.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { rootId } from "#core/project/project.ts";
import { buildLimit, printLimit, size, TaskGuest } from "#test/harness/task-guest.ts";
import { until } from "#test/harness/until.ts";
import { wasiListing } from "#test/harness/wasi-listing.ts";
import { wasmPrograms } from "#test/harness/wasm-programs.ts";

let guest: TaskGuest;

beforeAll(async () => {
  guest = await TaskGuest.start();
  const { wasi, gojs } = await wasmPrograms();
  for (const [name, module] of [
    ["tool.wasm", wasi],
    ["go.wasm", gojs],
    ["listing.wasm", await wasiListing()],
  ] as const) {
    const copy = await guest.spawn(["sh", "-c", `cat > ${name}; chmod +x ${name}`]);
    await copy.task.write(module);
    await copy.task.eof();
    await copy.task.exit;
  }
}, buildLimit);

afterAll(() => guest.machine.dispose());

const sh = async (script: string): Promise<string> => {
  const { out, err } = await guest.run(["bash", "-c", script]);
  return out + err;
};

const wasmTasks = (): Promise<string> => sh("cat /task/*/cmd | grep -c '^[^ ]*wasm'");

describe("a WASI program", () => {
  it("has exact arguments, its environment and its folder", async () => {
    expect(await sh(`cd /tmp; COLOUR=red /project/tool.wasm args 'b c' '' 'ä"*'`)).toBe(
      `[/project/tool.wasm]\n[args]\n[b c]\n[]\n[ä"*]\nCOLOUR=red PWD=/tmp\n`,
    );
    expect(await sh(`cp tool.wasm /usr/bin/tool; exec -a other tool exit 0; echo no`)).toBe("");
    expect(await sh("cd /; tool args | head -1")).toBe("[tool]\n");
  });

  it("[WASI-2] sees the root, the folders at the top and its own, and the environment as it is given", async () => {
    const lines = (await sh("env -i A='b c' D= ./listing.wasm arg")).trimEnd().split("\n");
    expect(lines[0]).toBe("/");
    expect(lines).toContain("/etc");
    expect(lines.slice(lines.indexOf("."))).toEqual([".", "./listing.wasm", "arg", "A=b c", "D="]);
    // What libc takes for the same: `x` and `/x`.
    expect(
      await sh("mkdir -p /tmp/here; cd /tmp/here; echo near > os-release; /project/tool.wasm try os-release"),
    ).toBe("os-release: near\n\n");
    expect(await sh("cd /tmp/here; /project/tool.wasm try /project/listing.wasm/x /etc/hostname/x")).toBe(
      "/project/listing.wasm/x: Not a directory\n/etc/hostname/x: Not a directory\n",
    );
  });

  it("[SY-60] [SY-66] saves what it has read itself, changed, whatever others have read since", async () => {
    const { project, blobs } = guest;
    const { id } = project.createFile(rootId, "shared.txt", encodeUtf8("one\ntwo\nthree\n"), blobs);
    const program = await guest.spawn(["./tool.wasm", "edit", "shared.txt", "two", "2"]);
    await program.printed("ready\n");
    const shared = project.text(id);
    shared?.insert(shared.toJSON().indexOf("three"), "TYPED ");
    expect(await sh("cat shared.txt")).toBe("one\ntwo\nTYPED three\n");
    await program.type("\n");
    expect(await program.task.exit).toMatchObject({ code: 0 });
    expect(await sh("cat shared.txt")).toBe("one\n2\nTYPED three\n");
    expect(project.resolve("shared.txt")?.id).toBe(id);
  });

  it("[SY-60] [SY-66] goes by what its command line has read, and leaves others' files theirs", async () => {
    const { project, blobs } = guest;
    const { id } = project.createFile(rootId, "line.txt", encodeUtf8("one\ntwo\n"), blobs);
    // The shell reads, and its program writes: one group, as in any script.
    const script =
      "text=$(< line.txt); echo ready; read go; printf '%s\\n' \"$text\" > /tmp/line; ./tool.wasm copy /tmp/line line.txt";
    const program = await guest.spawn(["bash", "-c", script]);
    await program.printed("ready\n");
    project.text(id)?.insert(0, "TYPED ");
    expect(await sh("cat line.txt")).toBe("TYPED one\ntwo\n");
    await program.type("\n");
    expect(await program.task.exit).toMatchObject({ code: 0 });
    expect(await sh("cat line.txt")).toBe("TYPED one\ntwo\n");
  });

  it("[EXEC-7] started by conch-wasm, sees what it is given and nothing else", async () => {
    const given = "conch-wasm --dir=/tmp/box::/ --dir /tmp --env 'A=b c' ./listing.wasm -x --dir y";
    expect(await sh(`mkdir -p /tmp/box; ${given}`)).toBe("/\n/tmp\n./listing.wasm\n-x\n--dir\ny\nA=b c\n");
    expect(await sh("conch-wasm run listing.wasm")).toBe("listing.wasm\n");
    expect(await sh("echo boxed > /tmp/box/f; conch-wasm --dir /tmp/box::/ tool.wasm try f /f ../f")).toBe(
      "f: boxed\n\n/f: boxed\n\n../f: EPERM\n",
    );
    expect(
      await sh("ln -s /etc/hostname /tmp/box/away; conch-wasm --dir /tmp/box::/ tool.wasm try away"),
    ).toBe("away: EPERM\n");
    expect(await sh("conch-wasm --dir /nowhere::/ tool.wasm try f; conch-wasm tool.wasm try f")).toMatch(
      /^f: .+\nf: .+\n$/,
    );
    expect(await sh("conch-wasm --dir /tmp/box::/ go.wasm args; echo $?")).toMatch(
      /^126\ngo\.wasm cannot be executed: .*\n$/s,
    );
    expect(
      await sh("conch-wasm --all x 2>&1 | head -1; conch-wasm; echo $?; conch-wasm /nowhere; echo $?"),
    ).toMatch(/^usage: .*\n2\n126\n/s);
  });

  it("[PROG-5] that traps ends by SIGABRT, each time", async () => {
    expect(
      await sh(
        `{ for i in $(seq 8); do ./tool.wasm trap; echo $?; done | sort | uniq -c | tr -s ' '; } 2> /dev/null
        python3 -c 'import subprocess; print({subprocess.run(["./tool.wasm", "trap"], stderr=-3).returncode for _ in range(8)})'`,
      ),
    ).toBe(" 8 134\n{-6}\n");
  });

  it("stands in pipes and redirections", async () => {
    expect(
      await sh("seq 60000 > /tmp/in; ./tool.wasm cat < /tmp/in > out; cmp /tmp/in out && echo same"),
    ).toBe("same\n");
    expect(await sh("seq 100 | ./tool.wasm cat | grep -c 1")).toBe("20\n");
    expect(await sh("(echo one; sleep 0.2; echo two) | ./tool.wasm cat | sed s/^/-/")).toBe("-one\n-two\n");
    expect(await sh("./tool.wasm both 2> /dev/null; ./tool.wasm both > /dev/null")).toBe(
      "to output\nto error\n",
    );
  });

  it("ends as it says, and as a pipe that nobody reads says", async () => {
    expect(await sh("./tool.wasm exit 7; echo $?; ./tool.wasm trap; (( $? > 125 )) && echo died")).toMatch(
      /^7\n.*died\n/s,
    );
    expect(await sh('yes | ./tool.wasm cat | head -1; echo "${PIPESTATUS[@]}"')).toBe("y\n141 141 0\n");
    expect(await wasmTasks()).toBe("0\n");
  });

  // In /var/tmp the guest's kernel caches them.
  it.each(["/tmp", "/var/tmp", "/project", "/project/deep/er"])(
    "works on the guest's files in %s",
    async (folder) => {
      expect(await sh(`mkdir -p ${folder}; cd ${folder}; /project/tool.wasm files`)).toBe("ok\n");
    },
  );

  it("sees the guest's view of files, and the guest sees what it makes", async () => {
    expect(await sh("mkdir -p /tmp/many; ./tool.wasm make-many /tmp/many 20; ls /tmp/many | wc -l")).toBe(
      "20\n",
    );
    expect(await sh("./tool.wasm ls /tmp/many; ./tool.wasm read-many /tmp/many 20")).toBe(
      "20 entries, 0 directories, 20 files, 22 again\n400 bytes\n",
    );
    expect(
      await sh("echo live > note; ./tool.wasm try note /project/note /proc/sys/kernel/ostype /nowhere"),
    ).toBe(
      "note: live\n\n/project/note: live\n\n/proc/sys/kernel/ostype: Linux\n\n/nowhere: No such file or directory\n",
    );
    // A link that leads out of /project is the guest's to follow, or the sandbox's to refuse.
    expect(
      await sh("ln -s /etc/hostname away; ln -s note near; ./tool.wasm try away near ../etc/hostname"),
    ).toBe("away: EPERM\nnear: live\n\n../etc/hostname: EPERM\n");
  });

  it("talks on a terminal", async () => {
    const running = await guest.spawn(["./tool.wasm", "ask"], { tty: size });
    await running.printed("name? ");
    await running.type("Ana\r");
    await running.printed("hello Ana");
    await running.type("\x04");
    expect(await running.task.exit).toEqual({ code: 0 });
    expect(running.out).toMatch(/bye\r\n$/);
    const { out } = await guest.run(["./tool.wasm", "tty"], { tty: size });
    expect(out).toBe("1 1\r\n");
  });

  it("waits for input and for the clock", async () => {
    expect(
      await sh("sleep 1 | ./tool.wasm poll 50; echo x | ./tool.wasm poll 5000; ./tool.wasm sleep 50"),
    ).toBe("timeout\nready: x\n\nslept\n");
  });

  it("makes and reads tasks in the tree, as the guest's own programs do", async () => {
    expect(await sh("./tool.wasm task 'sh -c \"echo from a task; pwd; exit 5\"'; echo $?")).toBe(
      "from a task\n/project\n5\n",
    );
  });

  it("is ended by ^C, by kill, and with its terminal, whatever it computes", async () => {
    const typed = await guest.spawn(["./tool.wasm", "forever"], { tty: size });
    await typed.printed("started");
    await typed.type("\x03");
    expect(await typed.task.exit).toEqual({ code: 130, signal: "INT" });
    const killed = await guest.spawn(["bash", "-c", "./tool.wasm forever & wait -n; echo $?"]);
    await killed.printed("started");
    await sh("pkill tool.wasm");
    await killed.task.exit;
    expect(killed.out).toBe("started\n143\n");
    const closed = await guest.spawn(["./tool.wasm", "forever"], { tty: size });
    await closed.printed("started");
    await closed.task.signal("HUP");
    await closed.task.exit;
    await until("no task is left", async () => (await wasmTasks()) === "0\n", printLimit);
  });
});

describe("a Go program", () => {
  it("has arguments, environment, folder, streams and status", async () => {
    expect(await sh("cd /tmp; COLOUR=red /project/go.wasm args 'b c'")).toBe(
      "[/project/go.wasm]\n[args]\n[b c]\nCOLOUR=red cwd=/tmp\n",
    );
    expect(await sh("seq 5000 | ./go.wasm cat | cmp - <(seq 5000) && ./go.wasm exit 9; echo $?")).toBe("9\n");
  });

  it.each(["/tmp", "/project"])("works on the guest's files in %s", async (folder) => {
    expect(await sh(`cd ${folder}; /project/go.wasm files`)).toBe("ok\n");
  });

  it("goes on while it waits for input", async () => {
    const running = await guest.spawn(["./go.wasm", "input"]);
    await running.printed("ready");
    await running.type("line\n");
    await running.printed("line while the clock ticked: true");
    await running.task.eof();
    expect(await running.task.exit).toEqual({ code: 0 });
  });

  it("ends while its input stays open", async () => {
    expect(await sh('sleep 3 | ./go.wasm exit 3; echo "${PIPESTATUS[@]}"')).toBe("0 3\n");
  });
});

describe("what cannot be executed", () => {
  it("says why, with status 126", async () => {
    expect(
      await sh(`printf '\\0asm\\1\\0\\0\\0' > empty.wasm; printf '\\0asmjunk' > junk.wasm; chmod +x empty.wasm junk.wasm
        ./empty.wasm; echo $?; ./junk.wasm; echo $?`),
    ).toMatch(/^126\n126\n\.\/empty\.wasm cannot be executed: .*\n\.\/junk\.wasm cannot be executed: .*\n$/s);
    expect(await sh("cp tool.wasm plain.wasm; chmod -x plain.wasm; ./plain.wasm args")).toContain(
      "Permission denied",
    );
  });
});
