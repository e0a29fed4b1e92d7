// Blobs of a project on R2: immutable, named by their SHA-256, which R2 verifies while they stream in. The rules are in
// SPEC.md beside this file.

import * as v from "valibot";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import { route, type RouteOptions } from "#worker/http/router.ts";
import { mayIn } from "#worker/identity/needs.ts";
import { blobKey } from "./keys.ts";
import { assemble, heldParts, isMismatch, isPartNumber, partLength, putPart } from "./parts.ts";
import type { Env } from "#worker/bindings/env.ts";
import { refuse, type Refusal } from "#worker/http/refusal.ts";

const immutable = {
  "Content-Type": "application/octet-stream",
  "Cache-Control": "private, max-age=31536000, immutable",
  "Accept-Ranges": "bytes",
};

const tooLarge: Refusal = { status: 413, sentence: `This is too large: ${fileLimitWords}.` };
const noRoom: Refusal = {
  status: 507,
  sentence: "The server cannot store this now: its disk may be full. Try again later.",
};
const noLength: Refusal = { status: 411, sentence: "Send the length of the blob." };
const otherHash: Refusal = { status: 422, sentence: "The bytes do not have this hash." };
const malformed: Refusal = { status: 400, sentence: "The request is malformed." };

/** Of one question about what is missing. */
const mostHashes = 100;
const hashPattern = /^[0-9a-f]{64}$/;
const question = v.object({
  hashes: v.pipe(v.array(v.pipe(v.string(), v.regex(hashPattern))), v.maxLength(mostHashes)),
});
const announced = v.object({ size: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

const path = "/api/projects/:id/blobs/:hash{[0-9a-f]{64}}";

/** [BLOB-4] Whoever asks whether a blob is here is going to rely on it. */
async function isHere(env: Env, project: string, hashes: readonly string[]): Promise<readonly boolean[]> {
  await env.ROOMS.getByName(project).touchBlobs(hashes);
  const heads = await Promise.all(hashes.map((hash) => env.BLOBS.head(blobKey(project, hash))));
  return heads.map((head) => head !== null);
}

/** The room, which has to know of what is stored, may have no room for that either. */
const storing: RouteOptions = { failed: refuseStoring };

const store = route(
  "PUT",
  path,
  mayIn("edit"),
  async (c) => {
    const { id, hash } = c.req.param();
    const length = lengthOf(c.req.raw);
    if (length === undefined) return refuse(noLength);
    if (length > blobLimit) return refuse(tooLarge);
    const [here] = await isHere(c.env, id, [hash]);
    if (here === true) {
      // Under the only name it can have.
      await c.req.raw.body?.cancel();
      return c.body(null, 204);
    }
    await c.env.BLOBS.put(blobKey(id, hash), c.req.raw.body ?? new Uint8Array(), { sha256: hash });
    return c.body(null, 201);
  },
  storing,
);

const listParts = route(
  "GET",
  `${path}/parts`,
  mayIn("edit"),
  async (c) => {
    const { id, hash } = c.req.param();
    const [here] = await isHere(c.env, id, [hash]);
    const parts = here === true ? [] : [...(await heldParts(c.env.BLOBS, id, hash))];
    return c.json({ complete: here === true, parts }, 200, { "Cache-Control": "no-store" });
  },
  storing,
);

const storePart = route(
  "PUT",
  `${path}/parts/:number{[0-9]{1,4}}`,
  mayIn("edit"),
  async (c) => {
    const { id, hash, number } = c.req.param();
    const length = lengthOf(c.req.raw);
    if (length === undefined) return refuse(noLength);
    if (!isPartNumber(Number(number)) || length > partLength) return refuse(tooLarge);
    // [BLOB-4] The room looks after what never becomes whole, too.
    await c.env.ROOMS.getByName(id).touchBlobs([hash]);
    await putPart(c.env.BLOBS, { project: id, hash, number: Number(number) }, c.req.raw.body);
    return c.body(null, 201);
  },
  storing,
);

const join = route(
  "POST",
  `${path}/parts`,
  mayIn("edit"),
  async (c) => {
    const { id, hash } = c.req.param();
    const body = v.safeParse(announced, await c.req.json().catch(() => undefined));
    if (!body.success) return refuse(malformed);
    if (body.output.size > blobLimit) return refuse(tooLarge);
    const missing = await assemble(c.env.BLOBS, { project: id, hash, size: body.output.size });
    return missing.length === 0 ? c.body(null, 201) : c.json({ missing }, 409);
  },
  storing,
);

const ask = route("POST", "/api/projects/:id/blobs/missing", mayIn("edit"), async (c) => {
  const { id } = c.req.param();
  const body = v.safeParse(question, await c.req.json().catch(() => undefined));
  if (!body.success) return refuse(malformed);
  const { hashes } = body.output;
  const here = await isHere(c.env, id, hashes);
  return c.json({ missing: hashes.filter((_, index) => here[index] !== true) });
});

const read = route("GET", path, mayIn("read"), async (c) => {
  const { id, hash } = c.req.param();
  const absent: Refusal = { status: 404, sentence: "There is no such blob." };
  const head = await c.env.BLOBS.head(blobKey(id, hash));
  if (head === null) return refuse(absent);
  const { size } = head;
  if (c.req.method === "HEAD") return c.body(null, 200, { ...immutable, "Content-Length": String(size) });
  const from = rangeStart(c.req.header("Range"), size);
  const blob = await c.env.BLOBS.get(
    blobKey(id, hash),
    from === undefined ? {} : { range: { offset: from } },
  );
  if (blob === null) return refuse(absent);
  if (from === undefined) return c.body(blob.body, 200, { ...immutable, "Content-Length": String(size) });
  return c.body(blob.body, 206, {
    ...immutable,
    "Content-Length": String(size - from),
    "Content-Range": `bytes ${from}-${size - 1}/${size}`,
  });
});

export const blobRoutes = [store, listParts, storePart, join, ask, read];

/** R2 does not say why it stores nothing; on one's own disk that is most often a full one. */
function refuseStoring(thrown: unknown): Response {
  if (isMismatch(thrown)) return refuse(otherHash);
  console.error("a blob is not stored:", thrown);
  return refuse(noRoom);
}

function lengthOf(request: Request): number | undefined {
  const length = Number(request.headers.get("Content-Length") ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** Where a download goes on; other ranges are answered by the whole. */
function rangeStart(header: string | undefined, size: number): number | undefined {
  const from = Number(/^bytes=(\d+)-$/.exec(header ?? "")?.[1] ?? Number.NaN);
  return from > 0 && from < size ? from : undefined;
}
