// Two guests with one project: what one writes, the other reads; and what of POSIX ends at a machine's border.

import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { until } from "#test/harness/until.ts";
import { PosixGuest, startLimit, storyLimit } from "./posix-guest.ts";

vi.setConfig({ testTimeout: storyLimit });

let ana: PosixGuest;
let ben: PosixGuest;
beforeAll(async () => {
  ana = await PosixGuest.start();
  ben = await PosixGuest.start(ana);
}, startLimit);
afterAll(async () => {
  await ana.stop();
  await ben.stop();
  expect([...ana.complaints, ...ben.complaints]).toEqual([]);
});

it("what one guest writes, the other reads", async () => {
  await ana.ok("read", "echo text > f; mkdir d; printf '\\0\\377' > d/bin; ln -s f s; chmod 700 f");
  expect(await ben.ok("read", "cat s; od -An -tx1 d/bin; stat -c %a f")).toBe("text\n 00 ff\n700\n");
  await ben.ok("read", "echo more >> f; rm -r d");
  expect(await ana.ok("read", "cat f; ls")).toBe("text\nmore\nf\ns\n");
});

it("[SY-17] a guest trusts what it knows of names and sizes until the other changes them", async () => {
  await ana.ok("lease", "echo one > f; mkdir d; stat -c %s f; test ! -e new; test ! -e d/new; ls d");
  await ben.ok("lease", "echo two >> f; echo new > new; echo new > d/new");
  expect(await ana.ok("lease", "stat -c %s f; cat new d/new; ls d")).toBe("8\nnew\nnew\nnew\n");
  await ben.ok("lease", "mv d e; rm new; echo three > f");
  expect(await ana.ok("lease", "test ! -e d; test ! -e new; cat f e/new; ls")).toBe("three\nnew\ne\nf\n");
  // Also a process that runs all the while, with the file open and the name looked up before.
  const [seen] = await Promise.all([
    ana.ok("lease", "exec 3< f; until [ -e go ]; do sleep 0.05; done; cat <&3; stat -c %s f; cat go"),
    ben.ok("lease", "echo four >> f; echo go > go.new; mv go.new go"),
  ]);
  expect(seen).toBe("three\nfour\n11\ngo\n");
});

it("[SY-79] one checks out a branch without the files, the other the one that has them: they are the same files", async () => {
  ana.write("branches/d/f", "one\ntwo\n");
  ana.write("branches/n.nb.md", "```sh\ndate\n```\n");
  const paths = ["branches/d", "branches/d/f", "branches/n.nb.md"];
  const ids = paths.map((path) => ana.entry(path).id);
  await ana.ok(
    "branches",
    "git init -q -b main .; git add .; git commit -qm one; git checkout -qb side; git rm -qr d n.nb.md; git commit -qm two",
  );
  expect(ben.names("branches")).toEqual([".git"]);
  await ben.ok("branches", "git checkout -q main; git diff --exit-code");
  expect(paths.map((path) => ana.entry(path).id)).toEqual(ids);
  expect(ana.project.trashed().filter(({ path }) => path.startsWith("branches"))).toEqual([]);
});

it("both append to one log: every line survives, in each guest's order", async () => {
  const write = (name: string): string => `for i in $(seq 60); do echo "${name} $i" >> log; done`;
  await ana.ok("log", ": > log");
  await Promise.all([ana.ok("log", write("ana")), ben.ok("log", write("ben"))]);
  const lines = ana.text("log/log").toJSON().trimEnd().split("\n");
  for (const name of ["ana", "ben"])
    expect(lines.filter((line) => line.startsWith(name))).toEqual(
      Array.from({ length: 60 }, (_, index) => `${name} ${index + 1}`),
    );
  expect(await ana.ok("log", "md5sum log")).toBe(await ben.ok("log", "md5sum log"));
});

it("both hold the log open and append: nothing is lost", async () => {
  const write = (name: string): string => `for i in $(seq 100); do echo "${name} $i"; done >> log`;
  await ana.ok("held", "echo start > log");
  await Promise.all([ana.ok("held", write("ana")), ben.ok("held", write("ben"))]);
  const lines = ana.text("held/log").toJSON().trimEnd().split("\n");
  expect(lines.length).toBe(201);
  for (const name of ["ana", "ben"])
    expect(lines.filter((line) => line.startsWith(name)).map((line) => Number(line.split(" ")[1]))).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
});

it("one edits with sed -i what the other appends to", async () => {
  await ana.ok("sed", "seq 10 > f");
  await Promise.all([ana.ok("sed", "sed -i s/^5$/five/ f"), ben.ok("sed", "echo end >> f")]);
  await until("both edits", () => ana.text("sed/f").toJSON() === "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\nend\n");
});

it("one commits with git, the other sees a clean tree", async () => {
  await ana.ok("repo", "git init -q -b main .; echo a > a; git add a; git commit -qm one");
  expect(
    await ben.ok(
      "repo",
      "git config --global --add safe.directory '*'; git status --porcelain; git log --format=%s; git fsck --strict --no-progress; echo b > b; git add b; git commit -qm two",
    ),
  ).toBe("one\n");
  expect(
    await ana.ok("repo", "git log --format=%s; git status --porcelain; git fsck --strict --no-progress"),
  ).toBe("two\none\n");
});

it("departs from POSIX: locks hold within one machine", async () => {
  await ana.ok("locks", "echo x > f");
  const held = ana.ok("locks", "flock f sh -c 'touch held; while [ ! -e done ]; do sleep 0.05; done'");
  await until("the lock", () => ana.project.resolve("locks/held") !== undefined, storyLimit);
  expect((await ana.sh("locks", "flock -n f true")).code).toBe(1);
  expect((await ben.sh("locks", "flock -n f true; code=$?; touch done; exit $code")).code).toBe(0);
  await held;
});

it("departs from POSIX: a name that two make at once stays twice, one with a suffix", async () => {
  await ana.ok("names", "true");
  const parent = ana.entry("names").id;
  // Both before either has heard of the other.
  ana.project.createText(parent, "f.txt", "ana\n");
  ben.project.createText(parent, "f.txt", "ben\n");
  const seen = "cat *; ls | wc -l; [ -e f.txt ]";
  const shown = await ana.ok("names", seen);
  expect(shown.split("\n").toSorted()).toEqual(["", "2", "ana", "ben"]);
  expect(await ben.ok("names", seen)).toBe(shown);
});
