// Work in turns: in order, one per task, and forgotten when nobody wants it any more.

import { expect, it } from "vitest";
import { inTurn, nextTurn } from "./turns.ts";

it("works in the order of asking, one per task", async () => {
  const done: string[] = [];
  inTurn(() => {
    done.push("a");
    queueMicrotask(() => done.push("after a"));
  });
  inTurn(() => done.push("b"));
  expect(done).toEqual([]);
  await nextTurn();
  expect(done).toEqual(["a", "after a", "b"]);
});

it("forgets what is disposed of", async () => {
  const done: string[] = [];
  const forget = inTurn(() => done.push("a"));
  inTurn(() => done.push("b"));
  forget();
  await nextTurn();
  expect(done).toEqual(["b"]);
});
