// The arrangement of tabs and panels.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activeFile,
  canShift,
  closeTab,
  initialLayout,
  keepFiles,
  moveTab,
  openTab,
  parseLayout,
  resizeGroups,
  setPanel,
  shiftTab,
  splitRight,
  stepTab,
} from "./layout.ts";
import type { Layout } from "./layout.ts";

const tabs = (layout: Layout) => layout.groups.map((group) => group.tabs.join(""));
const abc = ["a", "b", "c"].reduce(openTab, initialLayout);

describe("layout", () => {
  it("opens a file once, after the one in front", () => {
    expect(tabs(abc)).toEqual(["abc"]);
    const atA = openTab(abc, "a");
    expect(activeFile(atA)).toBe("a");
    expect(tabs(openTab(atA, "d"))).toEqual(["adbc"]);
  });

  it("shows the neighbour of a closed tab, and keeps one empty group", () => {
    expect(activeFile(closeTab(openTab(abc, "b"), 1, "b"))).toBe("c");
    expect(activeFile(closeTab(abc, 1, "c"))).toBe("b");
    const empty = closeTab(openTab(initialLayout, "a"), 1, "a");
    expect(tabs(empty)).toEqual([""]);
    expect(activeFile(empty)).toBeUndefined();
  });

  it("splits, moves between groups and joins again", () => {
    const split = splitRight(abc, 1, "c", true);
    expect(tabs(split)).toEqual(["ab", "c"]);
    expect(activeFile(split)).toBe("c");
    expect(tabs(splitRight(abc, 1, "c", false))).toEqual(["abc", "c"]);
    expect(tabs(moveTab(split, 2, "c", 1, 0))).toEqual(["cab"]);
    expect(tabs(moveTab(split, 1, "a", 2, 9))).toEqual(["b", "ca"]);
    expect(tabs(moveTab(abc, 1, "a", 1, 2))).toEqual(["bac"]);
  });

  it("moves a tab by one place, from the last into the group beside, and no further", () => {
    expect(tabs(shiftTab(abc, 1, "a", 1))).toEqual(["bac"]);
    expect(tabs(shiftTab(abc, 1, "c", -1))).toEqual(["acb"]);
    expect(canShift(abc, 1, "a", -1)).toBe(false);
    expect(canShift(abc, 1, "c", 1)).toBe(false);
    const split = splitRight(abc, 1, "c", true);
    const right = shiftTab(split, 1, "b", 1);
    expect(tabs(right)).toEqual(["a", "bc"]);
    expect(right.focus).toBe(2);
    expect(tabs(shiftTab(right, 2, "b", -1))).toEqual(["ab", "c"]);
  });

  it("goes round the tabs of a group", () => {
    expect(activeFile(stepTab(abc, 1))).toBe("a");
    expect(activeFile(stepTab(stepTab(abc, 1), -1))).toBe("c");
    expect(stepTab(initialLayout, 1)).toBe(initialLayout);
  });

  it("resizes within bounds and keeps the whole", () => {
    const split = splitRight(abc, 1, "c", true);
    const wide = resizeGroups(split, 0, 10);
    expect(wide.groups[1]?.share).toBeCloseTo(0.15);
    expect(wide.groups.reduce((sum, group) => sum + group.share, 0)).toBeCloseTo(1);
    expect(setPanel(split, "sidebar", { size: 9999 }).sidebar.size).toBe(480);
  });

  it("forgets files that are gone", () => {
    const split = splitRight(abc, 1, "c", true);
    expect(tabs(keepFiles(split, (file) => file !== "c"))).toEqual(["ab"]);
    expect(keepFiles(split, () => true)).toBe(split);
  });

  it("survives storage, and refuses what is no layout", () => {
    const split = splitRight(abc, 1, "c", true);
    expect(parseLayout(JSON.stringify(split))).toEqual(split);
    for (const json of [
      null,
      "",
      "{}",
      "7",
      "null",
      '{"groups":[]}',
      '{"groups":[{"id":1}]}',
      '{"groups":[null]}',
    ])
      expect(parseLayout(json)).toBeUndefined();
  });

  it("keeps its invariants whatever one does", () => {
    const file = fc.constantFrom("a", "b", "c", "d");
    const group = fc.integer({ min: 1, max: 5 });
    const step = fc.oneof(
      fc.tuple(file).map(
        ([f]) =>
          (layout: Layout) =>
            openTab(layout, f),
      ),
      fc.tuple(group, file).map(
        ([g, f]) =>
          (layout: Layout) =>
            closeTab(layout, g, f),
      ),
      fc.tuple(group, file, fc.boolean()).map(
        ([g, f, m]) =>
          (layout: Layout) =>
            layout.groups.some((each) => each.id === g && each.tabs.includes(f))
              ? splitRight(layout, g, f, m)
              : layout,
      ),
      fc.tuple(group, file, group, fc.nat(5)).map(
        ([g, f, to, at]) =>
          (layout: Layout) =>
            layout.groups.some((each) => each.id === to) ? moveTab(layout, g, f, to, at) : layout,
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const layout = steps.reduce((now, next) => next(now), initialLayout);
        expect(layout.groups.some((each) => each.id === layout.focus)).toBe(true);
        for (const each of layout.groups) {
          expect(new Set(each.tabs).size).toBe(each.tabs.length);
          expect(each.tabs.length > 0 || layout.groups.length === 1).toBe(true);
          expect(each.active === undefined ? each.tabs.length === 0 : each.tabs.includes(each.active)).toBe(
            true,
          );
        }
        expect(parseLayout(JSON.stringify(layout))).toEqual(layout);
      }),
    );
  });
});
