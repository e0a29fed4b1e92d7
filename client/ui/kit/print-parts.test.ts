// Orders in which browsers tell that the page is printed.

import { expect, it } from "vitest";
import { PrintParts } from "./print-parts.ts";

/** Whether the part is ready for paper after each of these. */
function follow(...told: readonly ("beforeprint" | "afterprint" | "paper" | "screen")[]): readonly boolean[] {
  const [page, media] = [new EventTarget(), new EventTarget()];
  let ready = 0;
  new PrintParts(page, media).add(() => {
    ready += 1;
    return () => (ready -= 1);
  });
  return told.map((what) => {
    if (what === "paper" || what === "screen")
      media.dispatchEvent(Object.assign(new Event("change"), { matches: what === "paper" }));
    else page.dispatchEvent(new Event(what));
    expect([0, 1]).toContain(ready);
    return ready === 1;
  });
}

it("is ready between the events of printing, and while the media query says so", () => {
  expect(follow("beforeprint", "paper", "afterprint", "screen")).toEqual([true, true, false, false]);
  expect(follow("paper", "beforeprint", "screen", "afterprint")).toEqual([true, true, false, false]);
  expect(follow("beforeprint", "afterprint", "beforeprint")).toEqual([true, false, true]);
  expect(follow("paper", "screen", "paper")).toEqual([true, false, true]);
});

it("stays ready where the end of an earlier change is told only after the beginning", () => {
  expect(follow("beforeprint", "screen", "paper", "afterprint")).toEqual([true, true, true, false]);
  const twice = follow("beforeprint", "paper", "afterprint", "beforeprint", "screen", "paper", "afterprint");
  expect(twice).toEqual([true, true, false, true, true, true, false]);
});

it("is taken back by the media query where the browser tells no end", () => {
  expect(follow("beforeprint", "paper", "screen")).toEqual([true, true, false]);
});
