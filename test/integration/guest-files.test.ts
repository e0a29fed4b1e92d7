// Files in the real guest: /project, which others change too, and everything else, which is the guest's own.
// What Linux expects of a file system, asked by the programs that people use (client/machine/p9/SPEC.md, fs/).

import * as Y from "yjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { buildGuest } from "#rootfs/build.ts";

/** A first start may have to build the guest. */
const buildLimit = 1_200_000;

const blobs = new MemoryBlobStore();
const project = new Project(new Y.Doc());
let machine: NodeMachine;

beforeAll(async () => {
  machine = createNodeMachine({ product: await buildGuest(), project, blobs });
  await machine.start();
}, buildLimit);

afterAll(() => machine.dispose());

async function run(argv: readonly string[], input = ""): Promise<ExitStatus & { readonly out: string }> {
  let out = "";
  const task = await machine.spawn({ argv }, { output: (_fd, data) => void (out += decodeUtf8Lossy(data)) });
  if (input !== "") await task.write(encodeUtf8(input));
  await task.eof();
  const status = await task.exit;
  return { ...status, out };
}

/** What a script prints; it must succeed. `strict` stops it at its first failure. */
async function shell(script: string): Promise<string> {
  const { code, out } = await run(["bash", "-c", `set -euo pipefail; ${script}`]);
  expect({ code, out }).toMatchObject({ code: 0 });
  return out;
}

async function python(script: string): Promise<string> {
  const { code, out } = await run(["python3", "-"], script);
  expect({ code, out }).toMatchObject({ code: 0 });
  return out;
}

/** Everything that must hold for files anywhere. `at` is a fresh directory. */
const everywhere = ["/project/everywhere", "/root/everywhere"] as const;

describe.each(everywhere)("files in %s", (at) => {
  beforeAll(() => shell(`mkdir -p ${at}`));

  it("takes names with spaces, newlines and any script", async () => {
    const names = ["a b", "line\nbreak", "naïve café", "日本語", "🐚 shell", "-rf", "'quoted\""];
    const made = await python(`
import os, json
os.makedirs("${at}/names", exist_ok=True)
os.chdir("${at}/names")
for name in json.loads(${JSON.stringify(JSON.stringify(names))}):
    with open(name, "w") as f: f.write(name)
print(json.dumps(sorted((name, open(name).read()) for name in os.listdir("."))))
`);
    const pairs = JSON.parse(made) as [string, string][];
    expect(new Map(pairs)).toEqual(new Map(names.map((name) => [name, name])));
  });

  it("refuses names that are no UTF-8 or too long, and goes on", async () => {
    const out = await shell(`cd ${at}
      { : > $'bad\\xff'; } 2>/dev/null && echo taken || echo refused
      { : > "$(printf 'x%.0s' {1..256})"; } 2>/dev/null && echo taken || echo refused
      : > "$(printf 'x%.0s' {1..255})" && echo taken`);
    expect(out).toBe("refused\nrefused\ntaken\n");
  });

  it("appends whole lines from several writers at once", async () => {
    const out = await shell(`cd ${at}; rm -f log
      for writer in 1 2 3; do (for line in {1..60}; do echo "$writer $line" >> log; done) & done; wait
      wc -l < log; sort log | uniq | wc -l`);
    expect(out).toBe("180\n180\n");
  });

  it("renames over what is there, within and across directories", async () => {
    const out =
      await shell(`cd ${at}; mkdir -p d1 d2; echo new > d1/f; echo old > d2/f; mv d1/f d2/f; cat d2/f
      mv d2 d3; cat d3/f; ls d1; [ ! -e d2 ] && echo gone; mv d3/f renamed; cat renamed`);
    expect(out).toBe("new\nnew\ngone\nnew\n");
  });

  it("keeps an unlinked file for who has it open", async () => {
    const out = await python(`
import os
path = "${at}/doomed"
f = open(path, "w+")
f.write("still here"); f.flush()
os.unlink(path)
print(os.path.exists(path))
f.seek(0); print(f.read())
f.write(", and more"); f.flush(); f.seek(0); print(f.read(), os.fstat(f.fileno()).st_size)
`);
    expect(out).toBe("False\nstill here\nstill here, and more 20\n");
  });

  it("has symbolic links", async () => {
    const out =
      await shell(`cd ${at}; mkdir -p real; echo text > real/file; ln -s real link; ln -s nowhere dangling
      cat link/file; readlink link; cat dangling 2>/dev/null || echo broken; ln -sfn real/file link2; cat link2`);
    expect(out).toBe("text\nreal\nbroken\ntext\n");
  });

  it("truncates, seeks, and fills gaps with zeros", async () => {
    const out = await python(`
path = "${at}/sparse"
with open(path, "wb") as f:
    f.seek(300_000); f.write(b"end")
    f.seek(5); f.write(b"abc")
data = open(path, "rb").read()
print(len(data), data[:10], set(data[8:300_000]), data[-3:])
with open(path, "r+b") as f: f.truncate(4); f.truncate(8)
print(open(path, "rb").read())
`);
    expect(out).toBe(
      `300003 b'\\x00\\x00\\x00\\x00\\x00abc\\x00\\x00' {0} b'end'\nb'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'\n`,
    );
  });

  it("maps files, shared between processes", async () => {
    const out = await python(`
import mmap, os
path = "${at}/mapped"
with open(path, "wb") as f: f.write(bytes(20_000))
with open(path, "r+b") as f:
    with mmap.mmap(f.fileno(), 0) as view:
        if os.fork() == 0:
            view[10_000:10_005] = b"child"
            os._exit(0)
        os.wait()
        print(view[10_000:10_005])
        view[0:6] = b"parent"
        view.flush()
data = open(path, "rb").read()
print(data[:6], data[10_000:10_005], len(data))
`);
    expect(out).toBe("b'child'\nb'parent' b'child' 20000\n");
  });

  it("creates a thousand files and removes them", async () => {
    const out = await python(`
import os, shutil
os.makedirs("${at}/many")
for i in range(1000): open(f"${at}/many/{i}", "w").close()
print(len(os.listdir("${at}/many")))
shutil.rmtree("${at}/many")
print(os.path.exists("${at}/many"))
`);
    expect(out).toBe("1000\nFalse\n");
  });

  it("carries a git repository", async () => {
    const out =
      await shell(`cd ${at}; mkdir repo; cd repo; git init -q; git config user.name a; git config user.email a@b
      echo one > a; mkdir d; echo two > d/b; git add .; git commit -qm first; git checkout -q -b side; echo three >> a
      git commit -qam second; git checkout -q -; git merge -q side; git log --oneline | wc -l; cat a; git fsck 2>&1 | wc -l
      git status --short | wc -l`);
    expect(out).toBe("2\none\nthree\n0\n0\n");
  });

  it("keeps a database with concurrent writers", async () => {
    const out = await python(`
import os, sqlite3
path = "${at}/data.sqlite"
db = sqlite3.connect(path); db.execute("create table t (v)"); db.commit(); db.close()
for worker in range(3):
    if os.fork() == 0:
        db = sqlite3.connect(path, timeout=60)
        for i in range(5):
            with db: db.execute("insert into t values (?)", (f"{worker} {i}",))
        os._exit(0)
for _ in range(3): os.wait()
db = sqlite3.connect(path)
print(db.execute("select count(*), count(distinct v) from t").fetchone(), db.execute("pragma integrity_check").fetchone())
`);
    expect(out).toBe("(15, 15) ('ok',)\n");
  });

  it("keeps modes and times, and runs what is executable", async () => {
    const out =
      await shell(`cd ${at}; printf '#!/bin/sh\\necho ran "$1"\\n' > tool; chmod 755 tool; ./tool well
      stat -c '%a' tool; touch -d '2001-02-03 04:05:06 UTC' tool; date -u -r tool +%s; chmod 640 tool; stat -c %a tool`);
    expect(out).toBe("ran well\n755\n981173106\n640\n");
  });
});

describe("the project, as the guest and the others see it", () => {
  const decode = (path: string): string | undefined => {
    const entry = project.resolve(path);
    return entry === undefined
      ? undefined
      : decodeUtf8Lossy(project.readBytes(entry.id, blobs) as Uint8Array);
  };

  it("what the guest writes is in the document, and what others write is read at once", async () => {
    await shell("echo from the guest > /project/shared.txt");
    expect(decode("shared.txt")).toBe("from the guest\n");
    const entry = project.resolve("shared.txt");
    project.text(entry?.id ?? "")?.insert(0, "edited: ");
    expect(await shell("cat /project/shared.txt; stat -c %s /project/shared.txt")).toBe(
      "edited: from the guest\n23\n",
    );
    project.writePath("made/by/others.txt", encodeUtf8("hello\n"), blobs);
    expect(await shell("ls -R /project/made; cat /project/made/by/others.txt")).toBe(
      "/project/made:\nby\n\n/project/made/by:\nothers.txt\nhello\n",
    );
    project.trash(project.resolve("made")?.id ?? "");
    expect(await shell("[ -e /project/made ] || echo gone")).toBe("gone\n");
  });

  it("a process that holds a file open reads what others type meanwhile", async () => {
    const text = project.createText(rootId, "live.txt", "one\n");
    let out = "";
    const task = await machine.spawn(
      {
        argv: [
          "python3",
          "-u",
          "-c",
          "import sys\nf = open('/project/live.txt')\nfor line in sys.stdin:\n    f.seek(0); print(repr(f.read()))",
        ],
      },
      { output: (_fd, data) => void (out += decodeUtf8Lossy(data)) },
    );
    const answers = async (count: number): Promise<void> => {
      await task.write(encodeUtf8("again\n"));
      while (out.split("\n").length <= count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await answers(1);
    project.text(text.id)?.insert(4, "two\n");
    await answers(2);
    project.text(text.id)?.delete(0, 4);
    await answers(3);
    await task.eof();
    await task.exit;
    expect(out).toBe("'one\\n'\n'one\\ntwo\\n'\n'two\\n'\n");
  });

  it("an editor's atomic save is an edit of the same file", async () => {
    const { id } = project.createText(rootId, "saved.txt", "first line\nsecond line\n");
    await shell("cd /project; sed -i 's/second/2nd/' saved.txt");
    expect(decode("saved.txt")).toBe("first line\n2nd line\n");
    expect(project.resolve("saved.txt")?.id).toBe(id);
  });

  it("hard links are refused there, as the rules say", async () => {
    const { code } = await run(["bash", "-c", "cd /project; echo x > l1; ln l1 l2 2>/dev/null"]);
    expect(code).not.toBe(0);
  });

  it("moving between the project and the guest's own files works", async () => {
    const out = await shell(
      "cd /project; echo travelling > t; mv t /root/t; cat /root/t; mv /root/t back; cat back; ls /root/t 2>/dev/null || echo gone",
    );
    expect(out).toBe("travelling\ntravelling\ngone\n");
    expect(decode("back")).toBe("travelling\n");
  });
});

describe("waiting", () => {
  it("a read that waits is interrupted by Ctrl-C's signal, and nothing is lost", async () => {
    let out = "";
    const task = await machine.spawn(
      { argv: ["bash", "-c", "trap 'echo interrupted' INT; echo ready; cat; echo after; cat"] },
      { output: (_fd, data) => void (out += decodeUtf8Lossy(data)) },
    );
    const until = async (text: string): Promise<void> => {
      while (!out.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until("ready");
    await task.signal("INT");
    await until("after");
    await task.write(encodeUtf8("typed\n"));
    await until("typed");
    await task.eof();
    expect((await task.exit).code).toBe(0);
    expect(out).toBe("ready\ninterrupted\nafter\ntyped\n");
  });

  it("a guest that is stopped ends its tasks with a sentence, and starts again", async () => {
    const task = await machine.spawn({ argv: ["sleep", "1000"] }, { output: () => undefined });
    await machine.stop();
    expect((await task.exit).error).toMatch(/stopped/);
    expect(machine.state.kind).toBe("off");
    expect(await shell("cat /project/back")).toBe("travelling\n");
    expect(machine.state.kind).toBe("running");
  });
});
