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
/** Bytes of an answer after which the line breaks, once. */
let breakAfter: number | undefined;
const ranges: (string | undefined)[] = [];
const server = createServer((request, response) => {
  const hash = request.url?.split("/").at(-1) ?? "";
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = held.get(hash);
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
    } else if (request.method === "PUT") {
      held.set(hash, Buffer.concat(parts));
      response.writeHead(201).end();
    } else if (body === undefined) response.writeHead(404).end();
    else {
      const { range } = request.headers;
      ranges.push(range);
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { "Content-Length": body.length - from });
      const limit = breakAfter;
      breakAfter = undefined;
      if (limit === undefined) response.end(body.subarray(from));
      else response.write(body.subarray(from, from + limit), () => setTimeout(() => response.destroy(), 50));
    }
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

function store(): { readonly blobs: HttpBlobStore; readonly seen: BlobTransfer[] } {
  const { port } = server.address() as AddressInfo;
  const blobs = new HttpBlobStore({
    url: `http://127.0.0.1:${port}/blobs`,
    token: () => Promise.resolve("t"),
  });
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

it("goes on where a broken line has left a download", async () => {
  const hash = hashBytes(large);
  held.set(hash, Buffer.from(large));
  ranges.length = 0;
  breakAfter = 300_000;
  const { blobs, seen } = store();
  const bytes = await blobs.get({ hash, size: large.length });
  expect(hashBytes(bytes)).toBe(hash);
  expect(ranges).toEqual([undefined, "bytes=300000-"]);
  expect(seen.find(({ state }) => state === "waiting")?.problem).toBe("the server cannot be reached");
  blobs.destroy();
});

it.each([
  ["a hash that leads elsewhere", { hash: "../../../api/account", size: 3 }],
  ["a size that nothing has", { hash: "a".repeat(64), size: 2 ** 52 }],
  ["a size below nothing", { hash: "a".repeat(64), size: -1 }],
])("asks nobody for %s", async (_, ref) => {
  const { blobs, seen } = store();
  await expect(blobs.get(ref)).rejects.toMatchObject({ code: "EIO" });
  expect(seen).toEqual([]);
  blobs.destroy();
});
