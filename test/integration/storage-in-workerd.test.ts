// The storage contract inside workerd, where the room's storage really lives.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker, workerFile } from "#scripts/bundle.ts";
import { compatibilityDate } from "#scripts/server.ts";
import { storageContract } from "../contracts/room-storage.ts";

let folder: string;
let miniflare: Miniflare;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conch-storage-"));
  await bundleWorker(join(import.meta.dirname, "storage-worker.ts"), folder);
  miniflare = new Miniflare({
    cf: false,
    modules: [{ type: "ESModule", path: join(folder, workerFile) }],
    modulesRoot: folder,
    compatibilityDate,
    durableObjects: { STORES: { className: "Store", useSQLite: true } },
    durableObjectsPersist: join(folder, "data"),
  });
  await miniflare.ready;
});
afterAll(async () => {
  await miniflare.dispose();
  await rm(folder, { recursive: true, force: true });
});

for (const kind of ["sqlite", "key-value"])
  describe(`${kind} storage in workerd`, () => {
    for (const { name } of storageContract)
      it(name, async () => {
        const query = new URLSearchParams({ kind, name });
        const response = await miniflare.dispatchFetch(`http://localhost/?${query}`);
        expect(await response.text()).toBe("ok");
      });
  });
