// Real programs save a file in the real guest while a colleague types in the same paragraph: nothing of either is lost,
// and the file that the colleague has open stays that file.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type * as Y from "yjs";
import { until } from "#test/harness/until.ts";
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

const before = "one\ntwo\nthree\n";
const edited = "one\n2\nthree\n";
const both = "one\n2\nTYPED three\n";

/** In a script: where the colleague types, and the program goes on when that is done. */
const typing = "touch go; until [ ! -e go ]; do sleep 0.02; done";
const typingInPython = `
open('go', 'w').close()
while os.path.exists('go'): time.sleep(0.02)`;

/** Runs a script in a folder, and types where it says so. */
async function runAndType(folder: string, script: string, type: () => void): Promise<void> {
  const running = guest.ok(folder, script);
  await Promise.race([
    running,
    until("the script waits", () => guest.project.resolve(`${folder}/go`) !== undefined, storyLimit),
  ]);
  type();
  guest.project.trash(guest.entry(`${folder}/go`).id);
  await running;
}

/** The same in a folder that has a file `f`, which stays that file. */
async function save(folder: string, script: string): Promise<Y.Text> {
  guest.write(`${folder}/f`, before);
  const { id } = guest.entry(`${folder}/f`);
  const text = guest.text(`${folder}/f`);
  await runAndType(folder, script, () => text.insert(text.toJSON().indexOf("three"), "TYPED "));
  expect(guest.entry(`${folder}/f`).id).toBe(id);
  expect(guest.text(`${folder}/f`)).toBe(text);
  return text;
}

const python = (write: string): string => `python3 -c "
import os, time
text = open('f').read()
${typingInPython.trim()}
new = text.replace('two', '2')
${write}
"`;

const vim = (settings: string): string => {
  const wait = "!touch go; while [ -e go ]; do sleep 0.02; done";
  // The answer to its question whether to overwrite what has changed since.
  return `printf 'y\\n' | vim -es -u NONE f -c 'set ${settings}' -c '%s/two/2/' -c '${wait}' -c 'w!' -c 'qa!'; rm -f f~`;
};

const gitRepository = `git init -q -b main .; git add f; git commit -qm one; git checkout -qb side`;

describe("a program that has read what a colleague then changes", () => {
  const stories: Record<string, string> = {
    "python-rewrite": python("open('f', 'w').write(new)"),
    "python-replace": python("open('f.tmp', 'w').write(new); os.replace('f.tmp', 'f')"),
    "python-remove": python("os.unlink('f'); open('f', 'w').write(new)"),
    "python-patch": `python3 -c "
import os, time
file = open('f', 'r+')
text = file.read()
${typingInPython.trim()}
file.seek(0); file.write(text.replace('two', '2')); file.truncate(); file.close()
"`,
    "shell-variable": `text=$(cat f); ${typing}; echo "$text" | sed s/two/2/ > f`,
    "shell-rename": `sed s/two/2/ f > new; ${typing}; mv new f`,
    "shell-copy": `sed s/two/2/ f > new; ${typing}; rm f; cp new f`,
    "shell-backup": `sed s/two/2/ f > new; ${typing}; mv f old; cat new > f; rm old`,
    install: `sed s/two/2/ f > new; ${typing}; install -m 644 new f`,
    "cp-remove-destination": `sed s/two/2/ f > new; ${typing}; cp --remove-destination new f`,
    rsync: `mkdir from; sed s/two/2/ f > from/f; ${typing}; rsync -c from/f f`,
    cp: `sed s/two/2/ f > new; ${typing}; cp new f`,
    "cp-backup": `sed s/two/2/ f > new; ${typing}; cp -b new f; rm f~`,
    "mv-backup": `sed s/two/2/ f > new; ${typing}; mv -b new f; rm f~`,
    "mv-chain": `mv f a; mv a b; sed s/two/2/ b > c; ${typing}; mv c d; mv d f; rm b`,
    "mv-away": `mv f a; ${typing}; sed s/two/2/ a > f; rm a`,
    tee: `sed s/two/2/ f | { text=$(cat); ${typing}; printf '%s\n' "$text" | tee f; }`,
    "sort-to-input": `{ sed s/two/2/ f; ${typing}; } | sort -s -k 9 -o f`,
    "dd-in-place": `at=$(grep -bo two f | cut -d : -f 1); ${typing}; printf '2  ' | dd of=f bs=1 seek=$at conv=notrunc 2>&1 | tail -n 0; sed -i 's/2  /2/' f`,
    "sed-midway": `sed -i -e '1e ${typing}' -e s/two/2/ f`,
    "perl-midway": `perl -pi -e 'system("${typing}") if $. == 1; s/two/2/' f`,
    ex: `mkfifo keys; ex -s f < keys & exec 3> keys; printf '%%s/two/2/\n!touch there\n' >&3; until [ -e there ]; do sleep 0.02; done; ${typing}; printf 'w!\ny\\nq!\n' >&3; exec 3>&-; wait; rm there keys`,
    gzip: `sed -i s/two/2/ f; gzip f; ${typing}; gunzip f.gz`,
    xz: `sed -i s/two/2/ f; xz f; ${typing}; unxz f.xz`,
    "rsync-in-place": `mkdir from; sed s/two/2/ f > from/f; ${typing}; rsync -c --inplace from/f f`,
    "tar-unlink-first": `mkdir from; sed s/two/2/ f > from/f; tar -C from -cf a.tar f; ${typing}; tar -xUf a.tar`,
    "tar-overwrite": `mkdir from; sed s/two/2/ f > from/f; tar -C from -cf a.tar f; ${typing}; tar -xf a.tar --overwrite`,
    tar: `mkdir from; sed s/two/2/ f > from/f; tar -C from -cf a.tar f; ${typing}; tar xf a.tar`,
    unzip: `mkdir from; sed s/two/2/ f > from/f; (cd from; zip -q ../a.zip f); ${typing}; unzip -qo a.zip`,
    patch: `cp f new; sed -i s/two/2/ new; diff -u f new > p.diff || true; ${typing}; patch -s f p.diff`,
    "vim-default": vim("ai"),
    "vim-copies": vim("backupcopy=yes backup"),
    "vim-renames": vim("backupcopy=no backup"),
    "vim-overwrites": vim("nowritebackup"),
    "python-map": `python3 -c "
import mmap, os, time
file = open('f', 'r+b'); memory = mmap.mmap(file.fileno(), 0); text = memory[:]
${typingInPython.trim()}
memory[4:7] = b'2  '; memory.flush(); memory.close(); file.close()
"; sed -i 's/2  /2/' f`,
    "python-fileinput": `cat f; ${typing}; python3 -c "
import fileinput
for line in fileinput.input('f', inplace=True): print(line.replace('two', '2'), end='')
"`,
    "git-checkout": `${gitRepository}; sed -i s/two/2/ f; git commit -qam two; git checkout -q main; ${typing}; git checkout -qf side`,
    "git-apply": `${gitRepository}; sed -i s/two/2/ f; git diff > p.diff; git checkout -q f; ${typing}; git apply --unidiff-zero p.diff || git apply -3 p.diff || patch -s f p.diff`,
    "git-restore": `${gitRepository}; sed -i s/two/2/ f; git commit -qam two; git checkout -q main; ${typing}; git restore --source side f`,
    "git-reset": `${gitRepository}; sed -i s/two/2/ f; git commit -qam two; git checkout -q main; ${typing}; git reset -q --hard side`,
    "git-rebase": `${gitRepository}; git rm -q f; git commit -qm without; git show main:f | sed s/two/2/ > f; git add f; git commit -qm again; git checkout -q main; echo > other; git add other; git commit -qm other; git checkout -q side; printf 'go\\n' > .git/info/exclude; git rebase -q -x '[ -e f ] || { ${typing}; }' main > log 2>&1 || cat log; git rebase --abort 2> log || true`,
    "git-bisect": `${gitRepository}; for i in 1 2 3 4; do git rm -q f; git commit -qm "without $i"; git show main:f | sed s/two/2/ > f; git add f; git commit -qm "with $i"; done; git bisect start HEAD main > log; git bisect run sh -c '[ -e f ] && exit 1; [ -e typed ] || { ${typing}; touch typed; }' >> log || cat log; git bisect reset >> log 2>&1; rm log typed`,
    "git-revert": `${gitRepository}; sed -i s/two/2/ f; git commit -qam two; git rm -q f; git commit -qm without; ${typing}; git revert --no-edit HEAD > log; rm log`,
    "git-cherry-pick": `${gitRepository}; git rm -q f; git commit -qm without; git show main:f | sed s/two/2/ > f; git add f; git commit -qm again; git checkout -q HEAD~1; ${typing}; git cherry-pick side > log; rm log`,
    "git-worktree-pull": `${gitRepository}; git checkout -q main; git clone -q . ../git-remote; (cd ../git-remote; sed -i s/two/2/ f; git commit -qam two); git rm -q f; git commit -qm without; git reset -q --hard HEAD~1; ${typing}; git fetch -q ../git-remote; git checkout -qf FETCH_HEAD`,
    "git-stash": `${gitRepository}; sed -i s/two/2/ f; git stash -q; ${typing}; git checkout -qf .; git stash pop -q || git checkout -q stash@{0} -- f`,
  };

  it.each(Object.entries(stories))("[SY-60] [SY-70] %s: keeps both", async (name, script) => {
    expect((await save(name, script)).toJSON()).toBe(both);
  });
});

describe("a directory that a program replaces", () => {
  const stories: Record<string, string> = {
    "directory-renamed": "mv d d.old; cp -r new d; rm -r d.old",
    "directories-renamed": "mv d d.old; mv new d; rm -r d.old",
    "directory-removed": "rm -r d; mv new d",
  };

  it.each(Object.entries(stories))("[SY-24] [SY-76] %s: keeps its files", async (name, script) => {
    guest.write(`${name}/d/e/f`, before);
    const { id } = guest.entry(`${name}/d/e/f`);
    const text = guest.text(`${name}/d/e/f`);
    await runAndType(
      name,
      `cp -r d new; sed -i s/two/2/ new/e/f; ${typing}; ${script}; grep -q 2 d/e/f`,
      () => text.insert(text.toJSON().indexOf("three"), "TYPED "),
    );
    expect(guest.entry(`${name}/d/e/f`).id).toBe(id);
    expect(text.toJSON()).toBe(both);
  });
});

describe("a program that reads after the colleague has typed", () => {
  const stories: Record<string, string> = {
    sed: "sed -i s/two/2/ f",
    "sed-backup": "sed -i.bak s/two/2/ f",
    perl: "perl -pi -e s/two/2/ f",
    "perl-backup": "perl -pi.bak -e s/two/2/ f",
    "deletes-it": "sed -i -e s/two/2/ -e 's/TYPED //' f",
  };

  it.each(Object.entries(stories))("[SY-60] %s: edits what is there", async (name, script) => {
    const text = await save(name, `cat f; ${typing}; ${script}`);
    expect(text.toJSON()).toBe(name === "deletes-it" ? edited : both);
  });
});

describe("files that go and return", () => {
  it("[SY-60] [SY-63] nano keeps what is typed between its saves, and what it did itself", async () => {
    guest.write("nano/f", before);
    const text = guest.text("nano/f");
    const { id } = guest.entry("nano/f");
    let screen = "";
    const task = await guest.machine.spawn(
      { argv: ["nano", "f"], cwd: "/project/nano", env: { TERM: "xterm" }, tty: { cols: 80, rows: 24 } },
      { output: (_fd, data) => void (screen += new TextDecoder().decode(data)) },
    );
    const type = (keys: string): void => void task.write(new TextEncoder().encode(keys));
    await until("nano shows the file", () => screen.includes("three"), storyLimit);
    text.insert(text.toJSON().indexOf("three"), "TYPED ");
    type("first \x0f\r");
    await until("nano asks or has saved", () => /changed|Wrote|modified/.test(screen), storyLimit);
    if (!screen.includes("Wrote")) type("y");
    await until("the first save", () => text.toJSON().startsWith("first "), storyLimit);
    expect(text.toJSON()).toBe("first one\ntwo\nTYPED three\n");
    text.insert(text.length, "AGAIN\n");
    screen = "";
    type("second \x0f\r");
    await until("nano asks or has saved again", () => /changed|Wrote|modified/.test(screen), storyLimit);
    if (!screen.includes("Wrote")) type("y");
    await until("the second save", () => text.toJSON().includes("second"), storyLimit);
    expect(text.toJSON()).toBe("first second one\ntwo\nTYPED three\nAGAIN\n");
    type("\x18");
    await task.exit;
    expect(guest.entry("nano/f").id).toBe(id);
  });

  it("[SY-73] [SY-74] git brings back what it removed, folders too, whenever that is", async () => {
    await guest.ok(
      "branches",
      "git init -q -b main .; mkdir -p d/e; echo deep > d/e/f; echo top > t; git add .; git commit -qm one; git checkout -qb side; git rm -qr d t; git commit -qm two; git checkout -q main",
    );
    const paths = ["branches/d", "branches/d/e", "branches/d/e/f", "branches/t"];
    const ids = paths.map((path) => guest.entry(path).id);
    const text = guest.text("branches/t");
    await guest.ok("branches", "git checkout -q side");
    expect(guest.names("branches")).toEqual([".git"]);
    text.insert(0, "TYPED ");
    // Much later, by another git.
    await guest.ok("branches", "sleep 6; git checkout -q main; cat d/e/f");
    expect(paths.map((path) => guest.entry(path).id)).toEqual(ids);
    expect(text.toJSON()).toBe("TYPED top\n");
  });

  it("[SY-72] a merge and a rebase leave people's files what they are", async () => {
    await guest.ok(
      "merged",
      "git init -q -b main .; echo a > a; seq 9 > n; git add .; git commit -qm one; git checkout -qb side; sed -i s/5/five/ n; git commit -qam two; git checkout -q main; sed -i s/1/one/ n; git commit -qam three",
    );
    const ids = ["merged/a", "merged/n"].map((path) => guest.entry(path).id);
    await guest.ok(
      "merged",
      "git checkout -q side; git rebase -q main; git checkout -q main; git merge -q side; git reset -q --hard HEAD~1; git rm -q n; git checkout -q HEAD -- n",
    );
    expect(["merged/a", "merged/n"].map((path) => guest.entry(path).id)).toEqual(ids);
    expect(guest.text("merged/n").toJSON()).toBe("one\n2\n3\n4\n5\n6\n7\n8\n9\n");
  });

  it("[SY-71] what one cell deletes and a later one makes is another file", async () => {
    const cell = async (source: string): Promise<void> => {
      const run = await guest.machine.runCell(
        { kind: "sh", session: "cells", source, tty: { cols: 80, rows: 24 } },
        { output: () => undefined },
      );
      await run.exit;
    };
    await cell("mkdir -p /project/cells; cd /project/cells; echo one > f; echo one > g");
    const ids = ["cells/f", "cells/g"].map((path) => guest.entry(path).id);
    // In one run it is the same file, however long that takes.
    await cell("rm g; sleep 6; echo two > g");
    expect(guest.entry("cells/g").id).toBe(ids[1]);
    await cell("rm f");
    await cell("sleep 6; echo two > f");
    expect(guest.entry("cells/f").id).not.toBe(ids[0]);
    expect(guest.project.trashed().map(({ path }) => path)).toContain("cells/f");
  });
});
