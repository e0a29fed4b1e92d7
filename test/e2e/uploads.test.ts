// Large files on their way into a project: up to 512 MiB, in pieces, over a line that breaks.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildClient } from "#scripts/bundle.ts";
import { BrokenLine } from "#test/harness/broken-line.ts";
import { dropFile } from "#test/harness/drop-file.ts";
import { fillUp, mayMountDisk } from "#test/harness/small-disk.ts";
import { until } from "#test/harness/until.ts";
import type { WorkspacePage } from "./workspace-page.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });
const mebibyte = 1 << 20;
/** More than one file could have before. */
const largeBytes = 70 * mebibyte;
const partBytes = 4 * mebibyte;
const nightly = process.env["CONCH_TEST"] === "nightly";
/** ms. A machine that is busy with other tests takes its time for large files. */
const limit = nightly ? 600_000 : 120_000;
const pictures = process.env["CONCH_TEST_PICTURES"];

/** Made once: CONCH_TEST=nightly kills the server under the largest file that there may be. */
interface LargeFile {
  readonly path: string;
  readonly size: number;
  readonly hash: string;
}

let folder = "";
let large: LargeFile;
let killed: LargeFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conch-uploads-"));
  large = await makeFile("large.bin", largeBytes);
  killed = await makeFile("killed.bin", nightly ? 512 * mebibyte : largeBytes);
}, limit);

async function makeFile(name: string, size: number): Promise<LargeFile> {
  const path = join(folder, name);
  const block = Buffer.alloc(mebibyte);
  const hash = createHash("sha256");
  const file = await open(path, "w");
  for (let index = 0; index < size / mebibyte; index++) {
    for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((index * 7919 + at * 31) >>> 0, at);
    hash.update(block);
    await file.write(block);
  }
  await file.close();
  return { path, size, hash: hash.digest("hex") };
}

afterAll(() => rm(folder, { recursive: true, force: true }));

async function choose(person: WorkspacePage, path: string): Promise<void> {
  const choosing = person.page.waitForEvent("filechooser");
  await person.page.keyboard.press("Control+K");
  await person.type("upload files");
  await person.page.keyboard.press("Enter");
  await (await choosing).setFiles(path);
}

function hashOf(person: WorkspacePage, name: string): Promise<string> {
  return person.page.evaluate(async (path) => {
    const bytes = await globalThis.conch?.files.read(path, { bytes: true });
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes ?? []));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }, name);
}

/** A project behind a line that can be broken, and somebody in it. */
async function enterByLine() {
  const project = await world.server.createProject();
  const line = await BrokenLine.to(world.server.origin);
  const ana = await world.enter(project.url.replace(world.server.origin, line.origin));
  await ana.ready();
  return { project, line, ana };
}

it("[BLOB-2] a line that breaks costs one part, and somebody else reads the same bytes", async () => {
  const { project, line, ana } = await enterByLine();
  line.breakAfter = 30 * mebibyte;
  const before = line.sent;
  await choose(ana, large.path);
  await ana.file("large.bin").waitFor();
  const progress = ana.page.getByRole("progressbar", { name: /Uploading large\.bin/ });
  await progress.waitFor();
  if (pictures !== undefined) await ana.page.screenshot({ path: `${pictures}/uploading.png` });
  await ana.page.waitForFunction(() => globalThis.conch?.room.state().unsaved === 0, undefined, {
    timeout: limit,
  });
  // The document, the question for parts and the headers are little beside a part.
  expect(line.sent - before).toBeLessThan(largeBytes + 2 * partBytes);
  const ben = await world.enter(project.url);
  await ben.ready();
  expect(await hashOf(ben, "large.bin")).toBe(large.hash);
  await line.close();
});

it("[COPY-7] [BLOB-2] goes on after a reload from the part that the server has", async () => {
  const { project, line, ana } = await enterByLine();
  const before = line.sent;
  await choose(ana, large.path);
  await until("half is sent", () => line.sent - before > largeBytes / 2, limit);
  // What this browser has stored by now is all of it, or it would ask before leaving.
  await until(
    "it is kept here",
    () => ana.page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true }))),
    limit,
  );
  await ana.page.reload();
  await ana.ready();
  await ana.page.waitForFunction(() => globalThis.conch?.room.state().unsaved === 0, undefined, {
    timeout: limit,
  });
  expect(line.sent - before).toBeLessThan(largeBytes + 4 * partBytes);
  const ben = await world.enter(project.url);
  await ben.ready();
  expect(await hashOf(ben, "large.bin")).toBe(large.hash);
  await line.close();
});

it("[BLOB-2] goes on when the server was killed and is back, with the parts that it had", async () => {
  const { project, line, ana } = await enterByLine();
  const before = line.sent;
  await choose(ana, killed.path);
  await until("half is sent", () => line.sent - before > killed.size / 2, limit);
  await world.server.kill();
  const progress = ana.page.getByRole("progressbar", { name: /Uploading killed\.bin/ });
  await progress.waitFor();
  await until("the page says so", async () =>
    (await ana.connection.innerText()).includes("The server cannot be reached"),
  );
  await world.server.start();
  await ana.page.waitForFunction(() => globalThis.conch?.room.state().unsaved === 0, undefined, {
    timeout: limit,
  });
  expect(line.sent - before).toBeLessThan(killed.size + 4 * partBytes);
  const ben = await world.enter(project.url);
  await ben.ready();
  expect(await hashOf(ben, "killed.bin")).toBe(killed.hash);
  await line.close();
});

const permitted = mayMountDisk();
const fullDisk = "[BLOB-3] a server's full disk is said, and the upload ends when there is room again";

it.skipIf(!permitted)(
  permitted ? fullDisk : `${fullDisk} (skipped: unshare --mount is not permitted)`,
  async () => {
    const server = await world.startServer({ client: await buildClient(), disk: 200 });
    const filler = join(server.dataPath, "filler");
    const project = await server.createProject();
    const ana = await world.enter(project.url);
    await ana.ready();
    fillUp(filler);
    await choose(ana, large.path);
    await ana.page
      .getByText(/its disk may be full/)
      .first()
      .waitFor({ timeout: limit });
    expect(await ana.page.evaluate(() => globalThis.conch?.room.state().unsaved)).toBeGreaterThan(0);
    if (pictures !== undefined) await ana.page.screenshot({ path: `${pictures}/full-disk.png` });
    await rm(filler);
    await ana.page.waitForFunction(() => globalThis.conch?.room.state().unsaved === 0, undefined, {
      timeout: limit,
    });
    const ben = await world.enter(project.url);
    await ben.ready();
    expect(await hashOf(ben, "large.bin")).toBe(large.hash);
  },
);

it("can be stopped: then the file is not in the project", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  let away = true;
  await ana.visitor.context.route(/\/parts\/[2-9]/, async (route) => {
    await until("the line is free", () => !away, limit);
    await route.continue().catch(() => undefined); // stopped meanwhile
  });
  await choose(ana, large.path);
  await ana.file("large.bin").waitFor();
  await ana.page.getByRole("button", { name: /^Stop: Uploading large\.bin/ }).click();
  await ana.page.getByText("Uploading large.bin: stopped. It was taken out of the project again.").waitFor();
  await ana.file("large.bin").waitFor({ state: "detached" });
  await ana.saved();
  away = false;
});

/** A folder in which these files have more than 512 MiB, and two do not. */
async function mixedFolder(name: string, large: readonly string[]): Promise<string> {
  const top = join(folder, name);
  await mkdir(join(top, "deep"), { recursive: true });
  await writeFile(join(top, "first.txt"), "first\n");
  for (const path of large) {
    await writeFile(join(top, path), "");
    await truncate(join(top, path), 512 * mebibyte + 1);
  }
  await writeFile(join(top, "deep/last.txt"), "last\n");
  return top;
}

async function hasTheRest(person: WorkspacePage, top: string, large: readonly string[]): Promise<void> {
  for (const path of large)
    await person.page
      .getByRole("status", { name: "Messages" })
      .getByText(`“${top}/${path}” is too large: a file has at most 512 MiB.`)
      .waitFor();
  expect(await person.read(`${top}/first.txt`)).toBe("first\n");
  expect(await person.read(`${top}/deep/last.txt`)).toBe("last\n");
  const paths = await person.page.evaluate(async () => {
    const entries = (await globalThis.conch?.files.list()) ?? [];
    return entries.map(({ path }) => path);
  });
  expect(paths.filter((path) => path.endsWith(".bin"))).toEqual([]);
}

it("[BLOB-3] of a folder that is dropped, what is too large is named, and the rest arrives", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  await ana.ready();
  const large = ["huge.bin", "deep/vast.bin"];
  await dropFile(
    ana.page,
    await mixedFolder("dropped", large),
    ana.page.getByRole("tree", { name: "Files" }),
  );
  await ana.page.getByText("2 files added").waitFor();
  await hasTheRest(ana, "dropped", large);
});

it("[BLOB-3] of an archive, what is too large is named, and the rest arrives", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  await ana.ready();
  const archive = join(folder, "some.tar");
  await mixedFolder("packed", ["deep/vast.bin"]);
  await promisify(execFile)("tar", ["-cf", archive, "-C", folder, "packed"]);
  await choose(ana, archive);
  await ana.page.getByRole("dialog").getByRole("button", { name: "Unpack" }).click();
  await ana.page.getByText("“some.tar” unpacked: 2 files").waitFor({ timeout: limit });
  await hasTheRest(ana, "packed", ["deep/vast.bin"]);
});

it("[BLOB-3] more than 512 MiB is refused everywhere in one sentence", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  const huge = join(folder, "huge.bin");
  await writeFile(huge, "");
  await truncate(huge, 512 * mebibyte + 1);
  await choose(ana, huge);
  await ana.page.getByText("“huge.bin” is too large: a file has at most 512 MiB.").waitFor();
  const refused = await ana.page.evaluate(
    async (size) => {
      try {
        await globalThis.conch?.files.write("huge.bin", new Uint8Array(size));
        return "written";
      } catch (thrown) {
        return String(thrown);
      }
    },
    512 * mebibyte + 1,
  );
  expect(refused).toContain("a file has at most 512 MiB");
  const answer = await fetch(
    `${world.server.origin}/api/projects/${project.id}/blobs/${"0".repeat(64)}/parts`,
    {
      method: "POST",
      headers: { Authorization: `Bearer ${project.token}` },
      body: JSON.stringify({ size: 512 * mebibyte + 1 }),
    },
  );
  expect(answer.status).toBe(413);
  expect(await answer.text()).toContain("a file has at most 512 MiB");
  expect(await ana.file("huge.bin").count()).toBe(0);
});
