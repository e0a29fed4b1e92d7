// What answers to an upload mean.

import { expect, it } from "vitest";
import { readUploadAnswer } from "./blob-answer.ts";

const ours = JSON.stringify({ error: "A sentence." });

it("takes only what our server says of a stored blob for stored", () => {
  expect(readUploadAnswer(201, "").kind).toBe("stored");
  expect(readUploadAnswer(204, "").kind).toBe("stored");
  // A network that wants people to sign in first.
  expect(readUploadAnswer(200, "<title>Sign in</title>")).toEqual({
    kind: "failing",
    problem: "something else answers in the server's place",
  });
});

it("takes only our own words for a refusal", () => {
  expect(readUploadAnswer(413, ours)).toEqual({ kind: "refused", problem: "a file has at most 512 MiB" });
  expect(readUploadAnswer(403, ours).kind).toBe("refused");
  expect(readUploadAnswer(404, ours).kind).toBe("refused");
  // A proxy with a smaller limit, a login page.
  for (const status of [403, 404, 413]) expect(readUploadAnswer(status, "<html>").kind).toBe("failing");
});

it("says what it waits for", () => {
  const problem = (status: number, body: string): unknown => readUploadAnswer(status, body);
  expect(problem(507, ours)).toMatchObject({
    kind: "failing",
    problem: expect.stringContaining("disk may be full"),
  });
  expect(problem(500, ours)).toMatchObject({ problem: "the server has a problem" });
  expect(problem(502, "<html>")).toMatchObject({ problem: "the server has a problem" });
  expect(problem(401, ours)).toMatchObject({ kind: "failing" });
});
