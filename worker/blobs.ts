// Blobs of a project on R2: immutable, named by their SHA-256, which R2 verifies while they stream in.

import { Hono } from "hono";
import { bearer, checkAccess } from "./access.ts";
import type { Env } from "./env.ts";
import { refuse } from "./refusal.ts";

/** A file of the project; larger ones would not fit a guest's memory either. */
const maxBlobBytes = 64 * 1024 * 1024;

const immutable = {
  "Content-Type": "application/octet-stream",
  "Cache-Control": "private, max-age=31536000, immutable",
};

function key(project: string, hash: string): string {
  return `projects/${project}/blobs/${hash}`;
}

export const blobs = new Hono<{ Bindings: Env }>();

const route = "/api/projects/:id/blobs/:hash{[0-9a-f]{64}}";

blobs.put(route, async (c) => {
  const { id, hash } = c.req.param();
  const access = await checkAccess(c.env, id, bearer(c.req.raw), "edit");
  if (!access.ok) return refuse(access.refusal);
  const length = Number(c.req.header("Content-Length") ?? Number.NaN);
  if (!Number.isSafeInteger(length)) return refuse({ status: 411, sentence: "Send the length of the blob." });
  if (length > maxBlobBytes) return refuse({ status: 413, sentence: "A file may have at most 64 MiB." });
  if ((await c.env.BLOBS.head(key(id, hash))) !== null) {
    // It is here already, under the only name it can have.
    await c.req.raw.body?.cancel();
    return c.body(null, 204);
  }
  try {
    await c.env.BLOBS.put(key(id, hash), c.req.raw.body ?? new Uint8Array(), { sha256: hash });
  } catch (thrown) {
    // R2 reports a checksum mismatch as code 10037, in the message.
    if (thrown instanceof Error && /10037|checksum|sha-?256/i.test(thrown.message))
      return refuse({ status: 422, sentence: "The bytes do not have this hash." });
    throw thrown;
  }
  return c.body(null, 201);
});

blobs.on(["GET", "HEAD"], route, async (c) => {
  const { id, hash } = c.req.param();
  const access = await checkAccess(c.env, id, bearer(c.req.raw), "read");
  if (!access.ok) return refuse(access.refusal);
  if (c.req.method === "HEAD") {
    const head = await c.env.BLOBS.head(key(id, hash));
    if (head === null) return refuse({ status: 404, sentence: "There is no such blob." });
    return c.body(null, 200, { ...immutable, "Content-Length": String(head.size) });
  }
  const blob = await c.env.BLOBS.get(key(id, hash));
  if (blob === null) return refuse({ status: 404, sentence: "There is no such blob." });
  return c.body(blob.body, 200, { ...immutable, "Content-Length": String(blob.size) });
});
