// A small crowd for a few seconds: what `npm run load` does in large, for its correctness, not for its figures.

import { afterAll, beforeAll, expect, it } from "vitest";
import { TestServer } from "../harness/server.ts";
import { runCrowd } from "../load/crowd.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

it("[ROOM-7] everybody in a crowd ends with the same, and all of it", async () => {
  const { words, reports } = await runCrowd(server, {
    editors: 8,
    viewers: 16,
    seconds: 3,
    wordsPerSecond: 10,
    processes: 3,
  });
  expect(words).toBeGreaterThan(20);
  expect(new Set(reports.flatMap(({ texts }) => texts)).size).toBe(1);
  expect(reports.map((report) => report.words)).toEqual(reports.map(() => words));
  expect(reports.map(({ unsaved, offline }) => unsaved + offline)).toEqual(reports.map(() => 0));
});
