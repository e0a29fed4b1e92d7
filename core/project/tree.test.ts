// Rules of the tree (SPEC.md section 2): quoted one by one, then checked against a fresh build after random changes.

import { describe, expect, it } from "vitest";
import { Random } from "#test/harness/random.ts";
import { Tree } from "./tree.ts";
import type { TreeRecord } from "./tree.ts";

type Change = TreeRecord | undefined;

const dir = (id: string, parent: string, wantedName: string, trashed = false): Change => ({
  id,
  parent,
  wantedName,
  dir: true,
  trashed,
});
const file = (id: string, parent: string, wantedName: string, trashed = false): Change => ({
  id,
  parent,
  wantedName,
  dir: false,
  trashed,
});

function treeOf(...records: readonly Change[]): Tree {
  const tree = new Tree();
  tree.update(
    new Map(records.flatMap((record) => (record === undefined ? [] : [[record.id, record] as const]))),
  );
  return tree;
}

function update(tree: Tree, ...records: readonly (Change | string)[]): ReadonlySet<string> {
  return tree.update(
    new Map(
      records.flatMap((record): [string, Change][] =>
        typeof record === "string"
          ? [[record, undefined]]
          : record === undefined
            ? []
            : [[record.id, record]],
      ),
    ),
  ).directories;
}

/** Every visible path with its id, sorted. */
function paths(tree: Tree, directory = "root", prefix = ""): string[] {
  const lines: string[] = [];
  for (const [name, id] of tree.listing(directory)) {
    lines.push(`${prefix}${name}=${id}`);
    for (const member of tree.members(id).slice(1)) lines.push(`${prefix}${name}+${member}`);
    if (tree.directory(id) !== undefined) lines.push(...paths(tree, id, `${prefix}${name}/`));
  }
  return lines.sort();
}

describe("Tree", () => {
  it("[PR-20] hangs a node at its register's parent", () => {
    const tree = treeOf(file("f", "d", "a.txt"), dir("d", "root", "src"));
    expect(paths(tree)).toEqual(["src/a.txt=f", "src=d"]);
    update(tree, file("f", "root", "b.txt"));
    expect(paths(tree)).toEqual(["b.txt=f", "src=d"]);
  });

  it("[PR-21] shows at the root what has no directory to hang in", () => {
    const tree = treeOf(file("f", "gone", "a"), file("g", "f", "b"));
    expect(paths(tree)).toEqual(["a=f", "b=g"]);
    update(tree, dir("gone", "root", "back"));
    expect(paths(tree)).toEqual(["b=g", "back/a=f", "back=gone"]);
    update(tree, "gone");
    expect(paths(tree)).toEqual(["a=f", "b=g"]);
  });

  it("[PR-22] breaks a cycle at its lowest id, which hangs at the root", () => {
    const tree = treeOf(dir("a", "b", "A"), dir("b", "c", "B"), dir("c", "a", "C"), file("f", "c", "x"));
    expect(paths(tree)).toEqual(["A/C/B=b", "A/C/x=f", "A/C=c", "A=a"]);
    update(tree, dir("b", "root", "B"));
    expect(paths(tree)).toEqual(["B/A/C/x=f", "B/A/C=c", "B/A=a", "B=b"]);
  });

  it("[PR-23] merges directories of one name, all the way down", () => {
    const tree = treeOf(
      dir("1", "root", "src"),
      dir("2", "root", "src"),
      dir("3", "1", "lib"),
      dir("4", "2", "lib"),
      file("5", "3", "a"),
      file("6", "4", "b"),
    );
    expect(paths(tree)).toEqual(["src+2", "src/lib+4", "src/lib/a=5", "src/lib/b=6", "src/lib=3", "src=1"]);
    expect(tree.directory("4")).toBe("3");
    expect([...update(tree, dir("2", "root", "other"))].sort()).toEqual(["1", "2", "3", "4", "root"]);
    expect(paths(tree)).toEqual([
      "other/lib/b=6",
      "other/lib=4",
      "other=2",
      "src/lib/a=5",
      "src/lib=3",
      "src=1",
    ]);
  });

  it("[PR-24] shows every file of one name, the lowest id under the name itself", () => {
    const tree = treeOf(file("a", "root", "x.c"), file("b", "root", "x.c"), file("c", "root", "x.c"));
    const names = [...tree.listing("root").keys()];
    expect(names[0]).toBe("x.c");
    expect(tree.listing("root").get("x.c")).toBe("a");
    expect(names).toHaveLength(3);
    for (const name of names.slice(1)) expect(name).toMatch(/^x~[0-9a-z]{4}\.c$/);
    update(tree, file("a", "root", "x.c", true));
    expect(tree.listing("root").get("x.c")).toBe("b");
  });

  it("[PR-25] lets a directory keep the name against a file", () => {
    const tree = treeOf(file("a", "root", "x"), dir("b", "root", "x"));
    expect(tree.listing("root").get("x")).toBe("b");
    expect([...tree.listing("root").values()].sort()).toEqual(["a", "b"]);
  });

  it("[PR-26] gives a suffix that nobody else's name is", () => {
    const tree = treeOf(file("a", "root", "x"), file("b", "root", "x"));
    const suffixed = tree.shownName("b") ?? "";
    update(tree, file("c", "root", suffixed));
    expect(tree.shownName("c")).toBe(suffixed);
    expect(tree.shownName("b")).not.toBe(suffixed);
    expect(tree.listing("root").size).toBe(3);
  });

  it("[PR-27] makes any stored name a valid one", () => {
    const tree = treeOf(
      file("a", "root", "a/b\0c"),
      file("b", "root", ".."),
      file("c", "root", "x".repeat(400)),
      file("d", "root", ""),
    );
    expect([...tree.listing("root").keys()].sort()).toEqual(["_", "_..", "a_b_c", "x".repeat(255)]);
  });

  it("[PR-28] shows a deleted directory as long as something visible is in it", () => {
    const tree = treeOf(dir("d", "root", "d", true), dir("e", "d", "e", true), file("f", "e", "f"));
    expect(paths(tree)).toEqual(["d/e/f=f", "d/e=e", "d=d"]);
    update(tree, file("f", "e", "f", true));
    expect(paths(tree)).toEqual([]);
  });

  it("[PR-29] is the same however the changes arrive (seeded)", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed);
      const tree = new Tree();
      const all = new Map<string, Change>();
      const ids = Array.from({ length: 14 }, (_, index) => String.fromCharCode(97 + index));
      for (let step = 0; step < 60; step++) {
        const batch = new Map<string, Change>();
        for (let count = 1 + random.below(3); count > 0; count--) {
          const id = ids[random.below(ids.length)] ?? "a";
          const parent = random.below(4) === 0 ? "root" : (ids[random.below(ids.length)] ?? "root");
          const name = ["x", "y", "z.c"][random.below(3)] ?? "x";
          const make = id < "j" ? dir : file;
          batch.set(id, random.below(8) === 0 ? undefined : make(id, parent, name, random.below(4) === 0));
        }
        const shownBefore = paths(tree);
        const changed = tree.update(batch).directories;
        for (const [id, record] of batch) {
          if (record === undefined) all.delete(id);
          else all.set(id, record);
        }
        const fresh = new Tree();
        fresh.update(all);
        expect(paths(tree), `seed ${seed} step ${step}`).toEqual(paths(fresh));
        if (changed.size === 0) expect(paths(tree), `seed ${seed} step ${step}`).toEqual(shownBefore);
        // Nothing that is not in the trash is hidden.
        const shown = new Set<string>();
        const collect = (directory: string): void => {
          for (const id of tree.listing(directory).values()) {
            for (const member of tree.directory(id) === undefined ? [id] : tree.members(id))
              shown.add(member);
            if (tree.directory(id) !== undefined) collect(id);
          }
        };
        collect("root");
        for (const [id, record] of all)
          if (record?.trashed === false) expect(shown.has(id), `seed ${seed} ${id}`).toBe(true);
      }
    }
  });
});
