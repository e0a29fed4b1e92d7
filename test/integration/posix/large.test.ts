// What is big, in the real guest: files of 100 MB, folders of 10,000 files, a repository of 500.
// These take long on a small machine: only CONCH_TEST=nightly makes all the files of the folder in the guest, and
// clones the whole repository.

import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { PosixGuest, startLimit, storyLimit } from "./posix-guest.ts";

vi.setConfig({ testTimeout: 2 * storyLimit });

const nightly = process.env["CONCH_TEST"] === "nightly";

let guest: PosixGuest;
beforeAll(async () => {
  guest = await PosixGuest.start();
}, startLimit);
afterAll(async () => {
  await guest.stop();
  expect(guest.complaints).toEqual([]);
});

it("a file of 100 MB is written, read back, changed in the middle and cut", async () => {
  const megabytes = 100;
  await guest.python(
    "big",
    String.raw`
block = bytes(range(256)) * 4096
with open("f", "wb", buffering=0) as f:
    for i in range(${megabytes}): assert f.write(bytes([i]) + block[1:]) == 2**20
with open("f", "rb", buffering=0) as f:
    for i in range(${megabytes}):
        data = f.read(2**20); assert data[0] == i and data[1:] == block[1:], i
    assert f.read() == b""
with open("f", "r+b", buffering=0) as f: f.seek(50 * 2**20 + 1); f.write(b"middle"); f.truncate(99 * 2**20 + 3)
assert os.path.getsize("f") == 99 * 2**20 + 3`,
  );
  const bytes = await guest.read("big/f");
  expect(bytes.length).toBe(99 * 2 ** 20 + 3);
  expect(bytes.subarray(50 * 2 ** 20, 50 * 2 ** 20 + 8)).toEqual(
    Uint8Array.from([50, ...Buffer.from("middle"), 7]),
  );
  expect(bytes.subarray(99 * 2 ** 20)).toEqual(Uint8Array.from([99, 1, 2]));
  guest.project.trash(guest.entry("big").id);
});

it("a folder of 10,000 files is listed, read and emptied", async () => {
  const [made, given] = nightly ? [10_000, 0] : [1000, 9000];
  await guest.ok("many", "true");
  const parent = guest.entry("many").id;
  guest.project.transact(() => {
    for (let index = 0; index < given; index++)
      guest.project.createText(parent, `given${index}`, `${index}\n`);
  });
  await guest.python(
    "many",
    String.raw`
for i in range(${made}):
    with open(f"made{i}", "w") as f: f.write(f"{i}\n")
names = os.listdir(".")
assert len(names) == len(set(names)) == 10000, len(names)
for i in range(0, 10000, 97):
    name = f"made{i}" if i < ${made} else f"given{i - ${made}}"
    with open(name) as f: assert f.read() == name[4 if name[0] == "m" else 5:] + "\n", name`,
  );
  expect(guest.project.names(parent).size).toBe(10_000);
  expect(await guest.ok("many", "ls | wc -l; find . -name 'made*' -delete; ls | wc -l")).toBe(
    `10000\n${given}\n`,
  );
  expect(guest.project.names(parent).size).toBe(given);
});

it("a repository of many files is committed and cloned", async () => {
  const count = nightly ? 500 : 120;
  for (let index = 0; index < count; index++)
    guest.write(
      `repo/source/part${index % 20}/file${index}.c`,
      `int value${index}(void) { return ${index}; }\n`,
    );
  expect(
    await guest.ok(
      "repo",
      String.raw`
git init -q -b main source; cd source; git add .; git commit -qm all; git status --porcelain; cd ..
git clone -q source copy; diff -r --exclude=.git source copy
cd copy; git status --porcelain; git log --format=%s; git ls-files | wc -l`,
    ),
  ).toBe(`all\n${count}\n`);
  expect(guest.names("repo/copy/part7").length).toBe(count / 20);
});
