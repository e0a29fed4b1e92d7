// What file system calls do in /project and on the guest's own disk, against what they do in its tmpfs: the same, but
// for the rows of "Where it departs from POSIX" (client/machine/fs/syncfs/SPEC.md section 5).

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { PosixGuest, startLimit, storyLimit } from "./posix-guest.ts";

vi.setConfig({ testTimeout: storyLimit });

const program = "posix_calls.py";

let guest: PosixGuest;
let reference: readonly string[];
beforeAll(async () => {
  guest = await PosixGuest.start();
  const source = await readFile(new URL(`../../programs/${program}`, import.meta.url), "utf8");
  guest.write(program, source);
  reference = await outcomes("/dev/shm/posix");
}, startLimit);
afterAll(async () => {
  await guest.stop();
  expect(guest.complaints).toEqual([]);
});

async function outcomes(folder: string): Promise<string[]> {
  const script = `mkdir -p ${folder}; cd ${folder}; exec python3 /project/${program}`;
  return (await guest.ok(".", script)).trimEnd().split("\n");
}

/** The lines that are not the same, as they are in each. */
function differences(lines: readonly string[], expected = reference): string[] {
  expect(lines.length).toBe(expected.length);
  return lines.flatMap((line, index) => {
    const there = expected[index] ?? "";
    return line === there ? [] : [`- ${there}`, `+ ${line}`];
  });
}

/** Without the case that needs hard links to begin with. */
function withoutLinks(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith("hard_links:"));
}

it("the program comes to its end", () => {
  expect(reference.length).toBeGreaterThan(1600);
  expect(reference.filter((line) => line.includes(": ended"))).toEqual([]);
});

it("the guest's own disk differs from its tmpfs in nothing but what 9P has no message for", async () => {
  expect(differences(await outcomes("/var/tmp/posix"))).toEqual([
    "- rename: exchange ok",
    "+ rename: exchange EINVAL",
    // The kernel goes on showing what it has kept of a file that loses one of several links: nothing tells it.
    ...["regular", "fifo", "block", "char", "socket"].flatMap((kind) => [
      `- hard_links: ${kind} one replaced ['ok', 'd:c', '.:mc'] 1 1`,
      `+ hard_links: ${kind} one replaced ['ok', 'd:', '.:mc'] 1 1`,
    ]),
  ]);
});

it("/project differs from it in what the table of departures says", async () => {
  const lines = withoutLinks(await outcomes("/project/posix"));
  expect(differences(lines, withoutLinks(reference))).toEqual([
    // renameat2(2) with RENAME_EXCHANGE
    "- rename: exchange ok",
    "+ rename: exchange EINVAL",
    // rename(2) over a file
    "- rename_over_a_file_is_the_new_file: who has the old one open 0 old",
    "+ rename_over_a_file_is_the_new_file: who has the old one open 1 new",
    "- rename_over_a_file_is_the_new_file: time of the open one False",
    "+ rename_over_a_file_is_the_new_file: time of the open one True",
    // link(2)
    "- linking: regular ['ok', 'n:c', '.:mc'] 2",
    "+ linking: regular ['EPERM', 'n:', '.:'] 1",
    "- linking: symlink ['ok', 'n:c', '.:mc'] 2",
    "+ linking: symlink ['EPERM', 'n:', '.:'] 1",
    "- two_paths: link missing from ENOENT to ok",
    "+ two_paths: link missing from ENOENT to EPERM",
    // a file of more than 512 MiB
    "- large_files: beyond 2 GiB 1 2147483650",
    "+ large_files: beyond 2 GiB EFBIG 0",
    "- large_files: read a",
    "+ large_files: read ",
  ]);
});

it("a folder of /project that is not shared differs from it as the guest's own disk does, and keeps links", async () => {
  expect(differences(await outcomes("/project/node_modules/posix"))).toEqual([
    "- rename: exchange ok",
    "+ rename: exchange EINVAL",
  ]);
  expect(guest.project.resolve("node_modules")).toBeUndefined();
});
