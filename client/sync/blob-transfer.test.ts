// Blobs over real HTTP: how far they are is told, and a failure is a pause.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashBytes } from "#core/project/blobs.ts";
import { until } from "#test/harness/until.ts";
import type { BlobTransfer } from "./blob-transfer.ts";
import { HttpBlobStore } from "./blobs.ts";

const held = new Map<string, Buffer>();
let failures = 0;
const server = createServer((request, response) => {
  const hash = request.url?.split("/").at(-1) ?? "";
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
    } else if (request.method === "PUT") {
      held.set(hash, Buffer.concat(parts));
      response.writeHead(201).end();
    } else response.writeHead(held.has(hash) ? 200 : 404).end(held.get(hash));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

function store(): { readonly blobs: HttpBlobStore; readonly seen: BlobTransfer[] } {
  const { port } = server.address() as AddressInfo;
  const blobs = new HttpBlobStore({ url: `http://127.0.0.1:${port}/blobs`, token: "t" });
  const seen: BlobTransfer[] = [];
  blobs.onTransfer((transfer) => seen.push(transfer));
  return { blobs, seen };
}

const large = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 31) % 251);

it("waits after a failed upload, tries again, and says when it is through", async () => {
  failures = 1;
  const { blobs, seen } = store();
  const { hash } = blobs.put(large);
  await until("it is uploaded", () => blobs.pending === 0);
  expect(held.get(hash)?.equals(large)).toBe(true);
  expect(seen.map(({ state }) => state)).toEqual(["waiting", "done"]);
  blobs.destroy();
});

it("tells how far a download is, and hands over exactly the bytes", async () => {
  const hash = hashBytes(large);
  held.set(hash, Buffer.from(large));
  const { blobs, seen } = store();
  const bytes = await blobs.get({ hash, size: large.length });
  expect(hashBytes(bytes)).toBe(hash);
  const loaded = seen.filter(({ state }) => state === "going").map((transfer) => transfer.loaded);
  expect(loaded.at(-1)).toBe(large.length);
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({ direction: "down", state: "done" });
  blobs.destroy();
});
