// A server whose disk is full: nobody is told that anything is saved, everybody is told why, nothing is lost.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { hashBytes } from "#core/project/blobs.ts";
import { HttpBlobStore } from "#sync/blobs.ts";
import { TestServer } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { fillUp, mayMountDisk } from "../harness/small-disk.ts";
import { until } from "../harness/until.ts";

const permitted = mayMountDisk();

const name =
  "[ROOM-16] a full disk stops acknowledging, tells everyone, and everything is there when there is room again";

it.skipIf(!permitted)(permitted ? name : `${name} (skipped: unshare --mount is not permitted)`, async () => {
  const server = await TestServer.start({ disk: 24 });
  const filler = join(server.dataPath, "filler");
  try {
    const project = await server.createProject();
    const [ana, ben] = [openSession(server, project, "Ana"), openSession(server, project, "Ben")];
    await Promise.all([ana.synced, ben.synced]);
    const text = ana.doc.getText("t");
    const seen = (): number => ben.doc.getText("t").length;
    text.insert(0, "before ");
    await until("it is saved", () => ana.unsaved === 0 && seen() === text.length);
    fillUp(filler);
    // There may still be room in what the database has taken already.
    const told = (): boolean => !ana.storage.ok && !ben.storage.ok;
    for (let edit = 0; edit < 2000 && !told(); edit++) {
      text.insert(0, "during ".repeat(100));
      await sleep(10);
    }
    await until("both are told", told);
    const shared = seen();
    text.insert(0, "lonely ");
    await sleep(500);
    expect(ana.unsaved).toBeGreaterThan(0);
    expect(seen()).toBe(shared);
    expect(ben.doc.getText("t").toJSON()).not.toContain("lonely");
    rmSync(filler);
    await until("all is saved", () => ana.unsaved === 0 && ana.storage.ok && ben.storage.ok, 60_000);
    await until("and seen", () => seen() === text.length);
    const late = openSession(server, project, "Late");
    await late.synced;
    expect(late.doc.getText("t").toJSON()).toBe(text.toJSON());
    for (const session of [ana, ben, late]) session.destroy();
  } finally {
    await server.stop();
  }
});

const blobName =
  "[BLOB-3] a blob that does not fit on the disk waits, says why, and is stored when there is room";

it.skipIf(!permitted)(
  permitted ? blobName : `${blobName} (skipped: unshare --mount is not permitted)`,
  async () => {
    const server = await TestServer.start({ disk: 24 });
    const filler = join(server.dataPath, "filler");
    try {
      const project = await server.createProject();
      const blobs = new HttpBlobStore({
        url: `${server.origin}/api/projects/${project.id}/blobs`,
        token: () => Promise.resolve(project.token),
      });
      const problems = new Set<string>();
      blobs.onTransfer(({ problem }) => {
        if (problem !== undefined) problems.add(problem);
      });
      fillUp(filler);
      const bytes = new Uint8Array(6 << 20).map((_, index) => index * 7);
      const { hash } = blobs.put(bytes);
      await until("it says why", () => [...problems].some((problem) => problem.includes("disk may be full")));
      expect(blobs.pending).toBe(1);
      rmSync(filler);
      await until("it is stored", () => blobs.pending === 0, 60_000);
      const back = await fetch(`${server.origin}/api/projects/${project.id}/blobs/${hash}`, {
        headers: { Authorization: `Bearer ${project.token}` },
      });
      expect(hashBytes(new Uint8Array(await back.arrayBuffer()))).toBe(hash);
      blobs.destroy();
    } finally {
      await server.stop();
    }
  },
);
