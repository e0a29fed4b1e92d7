// Programs that people trust with their files, at work on /project in the real guest.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { PosixGuest, startLimit, storyLimit } from "./posix-guest.ts";

vi.setConfig({ testTimeout: storyLimit });

let guest: PosixGuest;
beforeAll(async () => {
  guest = await PosixGuest.start();
}, startLimit);
afterAll(async () => {
  await guest.stop();
  expect(guest.complaints).toEqual([]);
});

const tty = { cols: 80, rows: 24 };

/** A tree with everything that an archive must keep; deterministic. */
const makeTree = String.raw`
mkdir -p tree/empty 'tree/with space' tree/deep/er/est
printf 'text\n' > tree/text; printf 'dos\r\nlines\r\n' > tree/dos; printf 'no end' > tree/noend
: > tree/nothing
head -c 300000 /usr/bin/git > tree/binary
printf 'a\0b' > 'tree/with space/nul'
printf '\xff\xfe bad' > tree/deep/er/est/latin
printf '\xef\xbb\xbfwith mark\n' > tree/mark
echo umlaut > tree/größe; echo nl > $'tree/a\nb'
ln -s ../text tree/deep/link; ln -s nowhere tree/dangling
printf '#!/bin/sh\necho ran\n' > tree/run; chmod 750 tree/run; chmod 600 tree/text; chmod 1777 tree/empty
touch -d '2001-02-03 04:05:06 UTC' tree/text tree/binary
touch -d '1999-01-01 00:00:00 UTC' tree/deep/er
`;

/** Name, mode, times to the second (see "Where it departs" in syncfs' SPEC) and checksum of everything below a folder. */
const facts = (folder: string): string => String.raw`
(cd ${folder} && find . -printf '%P %M %l %TY-%Tm-%Td %TH:%TM:%TS\n' | sed 's/\.[0-9]*$//' | LC_ALL=C sort
 find . -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum)`;

/** Proves that two folders in the guest hold the same. */
const same = (a: string, b: string): string => `diff <(${facts(a)}) <(${facts(b)})`;

describe("git", () => {
  it("init, commit, branch, merge, rebase, gc, clone", async () => {
    const out = await guest.ok(
      "git",
      String.raw`
git init -q -b main repo; cd repo
for i in $(seq 20); do echo "line $i" > "f$i"; done; mkdir -p sub; printf '\0\1\2' > sub/bin
git add .; git commit -qm first
git checkout -qb side; echo side >> f1; git commit -qam side
git checkout -q main; echo main >> f2; git commit -qam main
git merge -q -m merged side
git checkout -qb topic HEAD~1; echo topic > topic; git add topic; git commit -qm topic
git rebase -q main
git checkout -q main; git merge -q --ff-only topic
git gc -q; git fsck --strict --no-progress
git stash list; git status --porcelain
git log --format=%s
cd ..; git clone -q repo copy; diff -r --exclude=.git repo copy
cd copy; git -C ../repo tag v1; git fetch -q --tags; git describe --tags`,
    );
    expect(out).toBe("topic\nmerged\nmain\nside\nfirst\nv1\n");
  });

  it("sees what a colleague changes, and conflicts are resolved together", async () => {
    await guest.ok("gitters", "git init -q -b main .; echo one > a; git add a; git commit -qm one");
    guest.text("gitters/a").insert(4, "two\n");
    guest.write("gitters/new", "new\n");
    expect(await guest.ok("gitters", "git status --porcelain; git diff | tail -1")).toBe(
      " M a\n?? new\n+two\n",
    );
  });
});

describe("archives", () => {
  it("tar, both ways", async () => {
    await guest.ok(
      "tar",
      `${makeTree}
mkdir out /tmp/tar; tar -cf /tmp/t.tar tree; tar -xpf /tmp/t.tar -C /tmp/tar; ${same("tree", "/tmp/tar/tree")}
tar -xpf /tmp/t.tar -C out; ${same("tree", "out/tree")}
tar -czf t.tgz tree; tar -tzf t.tgz >/dev/null; tar --compare -zf t.tgz`,
    );
  });

  it("cp -a, both ways", async () => {
    await guest.ok(
      "cp",
      `${makeTree}
cp -a tree /tmp/cp; ${same("tree", "/tmp/cp")}
cp -a /tmp/cp back; ${same("tree", "back")}`,
    );
  });

  it("rsync, both ways, and nothing the second time", async () => {
    const out = await guest.ok(
      "rsync",
      `${makeTree}
rsync -a tree/ /tmp/rsync; ${same("tree", "/tmp/rsync")}
rsync -a /tmp/rsync/ back; ${same("tree", "back")}
echo again; rsync -ai /tmp/rsync/ back; rsync -aic tree/ back
echo more >> /tmp/rsync/text; rsync -ai /tmp/rsync/ back; rsync -a --delete --inplace /tmp/rsync/ back
${same("/tmp/rsync", "back")}`,
    );
    expect(out).toMatch(/^again\n>f\S+ text\n$/);
  });

  it("zip, gzip, xz, zstd", async () => {
    await guest.ok(
      "zip",
      `${makeTree}
zip -qr t.zip tree/text tree/binary; mkdir z; unzip -q t.zip -d z; cmp z/tree/binary tree/binary
for c in gzip bzip2 xz 'zstd --rm'; do cp tree/binary b; $c -q b; done
gzip -d b.gz; cmp b tree/binary; rm b; bunzip2 b.bz2; cmp b tree/binary; rm b; unxz b.xz; cmp b tree/binary; rm b; zstd -qd b.zst; cmp b tree/binary`,
    );
  });

  it("the document holds the same bytes", async () => {
    await guest.ok("same", makeTree);
    const sums = await guest.ok(
      "same",
      "cd tree; find . -type f -print0 | xargs -0 md5sum --zero | tr '\\0' '\\1'",
    );
    const lines = sums.split("\u0001").filter(Boolean);
    expect(lines.length).toBe(11);
    for (const line of lines) {
      const bytes = await guest.read(`same/tree/${line.slice(36)}`);
      expect(line.slice(0, 32), line).toBe(createHash("md5").update(bytes).digest("hex"));
    }
  });
});

describe("building", () => {
  it("make builds what is older than its sources, also after a colleague's edit", async () => {
    await guest.ok(
      "make",
      String.raw`
printf 'int add(int a, int b) { return a + b; }\n' > add.c
printf '#include <stdio.h>\nint add(int, int);\nint main(void) { printf("%%d\\n", add(20, 22)); return 0; }\n' > main.c
printf 'sum: main.o add.o\n\ttcc -o $@ $^\n%%.o: %%.c\n\ttcc -c -o $@ $<\n' > Makefile
make -s`,
    );
    expect(await guest.ok("make", "make; ./sum")).toBe("make: 'sum' is up to date.\n42\n");
    const text = guest.text("make/add.c");
    text.delete(text.toJSON().indexOf("+"), 1);
    text.insert(text.toJSON().indexOf("a  b") + 2, "-");
    expect(await guest.ok("make", "make -s; ./sum; make")).toBe("-2\nmake: 'sum' is up to date.\n");
  });

  it("tcc compiles, links against what it has made, and runs from memory", async () => {
    expect(
      await guest.ok(
        "tcc",
        String.raw`
printf 'int twice(int n) { return 2 * n; }\n' > twice.c
printf '#include <stdio.h>\nint twice(int);\nint main(int argc, char **argv) { printf("%%d %%s\\n", twice(21), argv[1]); return 3; }\n' > main.c
tcc -c twice.c && tcc -ar libtwice.a twice.o && tcc -o main main.c libtwice.a
./main built || echo $?
tcc twice.c -run main.c 'from memory' || echo $?`,
      ),
    ).toBe("42 built\n3\n42 from memory\n3\n");
    expect(guest.entry("tcc/main").mode & 0o111).toBe(0o111);
  });

  it("scripts and programs run once they may", async () => {
    expect(
      await guest.ok(
        "chmod",
        String.raw`
printf '#!/bin/sh\necho "ran $1"\n' > s; ./s x 2>/dev/null || echo refused; chmod +x s; ./s x
cp /usr/bin/printf p; ./p 'a program\n'; chmod 444 s; [ -x s ] || echo not any more; stat -c %a s`,
      ),
    ).toBe("refused\nran x\na program\nnot any more\n444\n");
    expect(guest.entry("chmod/s").mode).toBe(0o444);
  });
});

describe("sqlite3", () => {
  it("keeps its database with a rollback journal, between processes, and rolls back", async () => {
    const out = await guest.ok(
      "sqlite",
      String.raw`
sqlite3 db 'create table t(id integer primary key, v text); insert into t(v) values ("a"), ("b");'
sqlite3 db 'pragma journal_mode; begin; update t set v = "changed"; rollback; select count(*), max(v) from t;'
python3 - <<'P'
import sqlite3
c = sqlite3.connect("db"); c.execute("begin immediate"); c.executemany("insert into t(v) values (?)", [(str(i),) for i in range(1000)])
try: sqlite3.connect("db", timeout=0).execute("insert into t(v) values ('x')"); print("no lock")
except sqlite3.OperationalError as e: print(e)
c.commit(); c.close()
P
sqlite3 db 'select count(*) from t; pragma integrity_check; vacuum;'; ls`,
    );
    expect(out).toBe("delete\n2|b\ndatabase is locked\n1002\nok\ndb\n");
  });
});

describe("editors", () => {
  /** Edits f by a program and expects that the file that a colleague has open is still that file. */
  async function edits(folder: string, work: () => Promise<unknown>, content: string): Promise<void> {
    const { id } = guest.write(`${folder}/f`, "one\ntwo\nthree\n");
    await guest.ok(folder, "chmod 640 f");
    await work();
    expect(guest.text(`${folder}/f`).toJSON()).toBe(content);
    expect(guest.entry(`${folder}/f`)).toMatchObject({ id, mode: 0o640 });
    expect(guest.names(folder)).toEqual(["f"]);
  }

  it("vim saves into the same file", async () => {
    const vim = (setup: string): Promise<string> =>
      guest.ok("vim", `vim.tiny -u NONE -n -es -c '${setup}' -c '%s/two/2/' -c 'wq' f || true`);
    await edits("vim", () => vim("set nobackup writebackup"), "one\n2\nthree\n");
    guest.project.trash(guest.entry("vim/f").id);
    await edits("vim", () => vim("set backupcopy=no"), "one\n2\nthree\n");
    guest.project.trash(guest.entry("vim/f").id);
    await edits("vim", () => vim("set backupcopy=yes"), "one\n2\nthree\n");
  });

  it("nano saves into the same file", async () => {
    await edits(
      "nano",
      async () => {
        // ^O Enter ^X, typed as soon as nano shows the file.
        const task = await guest.machine.spawn(
          { argv: ["nano", "f"], cwd: "/project/nano", tty, env: { TERM: "xterm" } },
          { output: (_fd, data) => void (shown += decodeUtf8Lossy(data)) },
        );
        let shown = "";
        const type = async (keys: string, until: string): Promise<void> => {
          while (!shown.includes(until)) await new Promise((resolve) => setTimeout(resolve, 10));
          shown = "";
          await task.write(new TextEncoder().encode(keys));
        };
        await type("zero\r", "three");
        await type("\u000F", "zero");
        await type("\r", "Write");
        await type("\u0018", "Wrote");
        expect((await task.exit).code).toBe(0);
      },
      "zero\none\ntwo\nthree\n",
    );
  });

  it("sed -i, perl -i and ed-like rewrites keep the file", async () => {
    await edits("sed", () => guest.ok("sed", "sed -i s/two/2/ f"), "one\n2\nthree\n");
    await edits("perl", () => guest.ok("perl", "perl -pi -e s/two/2/ f"), "one\n2\nthree\n");
    await edits("sort", () => guest.ok("sort", "sort -o f f"), "one\nthree\ntwo\n");
    await edits(
      "tee",
      () => guest.ok("tee", "sed s/two/2/ f > /tmp/tee; cat /tmp/tee > f"),
      "one\n2\nthree\n",
    );
    await edits(
      "patch",
      () => guest.ok("patch", "printf '2c2\\n< two\\n---\\n> 2\\n' | patch -s f"),
      "one\n2\nthree\n",
    );
  });
});
