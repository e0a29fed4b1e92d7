// Forms that no program makes: they must cost the room little, whoever wrote them, and lose nothing.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { markdownWork } from "#core/notebook/markdown/work.ts";
import { ReconcileWatch, type ReconcileOptions } from "./reconcile.ts";
import { nodesOf, type NodeMap } from "./schema.ts";

interface Form {
  readonly name: string;
  readonly text: string;
  readonly parent: string;
  readonly base: string;
}

function addFile(doc: Y.Doc, id: string, name: string, kind: string, forms: readonly Form[]): void {
  doc.transact(() => {
    const node: NodeMap = new Y.Map();
    nodesOf(doc).set(id, node);
    node.set("at", ["root", name]);
    node.set("kind", kind);
    if (kind.startsWith("notebook:")) node.set(`cells:${kind.slice(9)}`, new Y.Map());
    for (const form of forms) {
      node.set(`text:${form.name}`, new Y.Text(form.text));
      node.set(`from:${form.name}`, [form.parent, form.base, 1]);
    }
  });
}

/** The live text "a" and `count` others that were made from it. */
function star(count: number): Form[] {
  const first = { name: "a", text: "hello\n", parent: "bytes:gone", base: "" };
  const others = Array.from({ length: count }, (_, index) => ({
    name: `f${index}`,
    text: `hello\nline ${index}\n`,
    parent: "text:a",
    base: "hello\n",
  }));
  return [first, ...others];
}

function textOf(doc: Y.Doc, id: string, form: string): string {
  const text = nodesOf(doc).get(id)?.get(`text:${form}`);
  return text instanceof Y.Text ? text.toJSON() : "";
}

/** A room that has heard all that `fill` made. */
function room(fill: (doc: Y.Doc) => void) {
  const sender = new Y.Doc();
  fill(sender);
  const doc = new Y.Doc();
  const watch = new ReconcileWatch(nodesOf(doc));
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(sender));
  const reconcile = (options?: ReconcileOptions): void => doc.transact(() => watch.reconcile(1, options));
  return { doc, watch, reconcile };
}

it.each([
  ["quotations within quotations", `${">".repeat(3000)} x\n`],
  ["lists within lists", `${"- ".repeat(3000)}x\n`],
  ["brackets that never close", `${"[".repeat(50_000)}\n`],
  ["marks that never end", `${"*a_".repeat(30_000)}\n`],
  ["a paragraph of very many lines", "word word\n".repeat(80_000)],
  ["more than a file has", "x\n\n".repeat(1_000_000)],
])("[PR-88] %s stay in their form, and other files are reconciled", (_, text) => {
  const hostile = [{ name: "b", text, parent: "notebook:a", base: "" }];
  const { doc, watch, reconcile } = room((sender) => {
    addFile(sender, "n1", "x.nb.md", "notebook:a", hostile);
    addFile(sender, "n2", "y.txt", "text:a", star(1));
  });
  reconcile();
  // What the room has written itself it looks at once more.
  reconcile();
  expect(textOf(doc, "n1", "b")).toBe(text);
  expect(textOf(doc, "n2", "a")).toBe("hello\nline 0\n");
  expect(watch.isDue).toBe(false);
});

it("[PR-88] what there is no time for is brought together later, each line once", () => {
  const { doc, watch, reconcile } = room((sender) => addFile(sender, "n1", "x.txt", "text:a", star(40)));
  let left = 0;
  const affords = (work: number): boolean => {
    if (work > left) return false;
    left -= work;
    return true;
  };
  reconcile({ affords });
  expect(textOf(doc, "n1", "a")).toBe("hello\n");
  expect(watch.isDue).toBe(true);
  let rounds = 0;
  for (; watch.isDue && rounds < 100; rounds++) {
    left = 25_000;
    reconcile({ affords });
  }
  expect(rounds).toBeGreaterThan(2);
  const lines = textOf(doc, "n1", "a").split("\n");
  for (let index = 0; index < 40; index++)
    expect(lines.filter((line) => line === `line ${index}`)).toHaveLength(1);
});

it("[PR-88] thousands of forms stay as they are", () => {
  const { doc, watch, reconcile } = room((sender) => addFile(sender, "n1", "x.txt", "text:a", star(3000)));
  reconcile();
  expect(watch.isDue).toBe(false);
  expect(textOf(doc, "n1", "f2999")).toBe("hello\nline 2999\n");
});

it("[PR-85] forms that name each other as parents end", () => {
  const circle = ["a", "b", "c"].map((name, index) => ({
    name,
    text: `${name}\n`,
    parent: `text:${["b", "c", "a"][index]}`,
    base: "",
  }));
  const { doc, watch, reconcile } = room((sender) => addFile(sender, "n1", "x.txt", "text:a", circle));
  reconcile();
  reconcile();
  expect(watch.isDue).toBe(false);
  for (const name of ["a\n", "b\n", "c\n"]) expect(textOf(doc, "n1", "a")).toContain(name);
});

it("[PR-88] a file that cannot be reconciled keeps no other from it", () => {
  const { doc, reconcile } = room((sender) => {
    addFile(sender, "n1", "x.txt", "text:a", star(1));
    addFile(sender, "n2", "y.txt", "text:a", star(1));
  });
  const failures: unknown[] = [];
  let asked = 0;
  const affords = (): boolean => {
    if (asked++ === 0) throw new Error("broken");
    return true;
  };
  reconcile({ affords, onFailure: (thrown) => failures.push(thrown) });
  expect(failures).toHaveLength(1);
  expect(textOf(doc, "n2", "a")).toBe("hello\nline 0\n");
});

it("[PR-88] what people write is far from the bounds", () => {
  const chapter =
    "## Heading\n\nSome *words* with [links](u) and `code`,\nin two lines.\n\n```python\nx = [1]\n```\n\n";
  expect(markdownWork(chapter.repeat(500))).toBeLessThan(2_000_000);
  expect(markdownWork(`${"> ".repeat(200)}deep\n`)).toBeLessThan(100_000);
  expect(markdownWork(`${"> ".repeat(201)}deep\n`)).toBe(Number.POSITIVE_INFINITY);
});
