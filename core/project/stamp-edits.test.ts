import { expect, it } from "vitest";
import * as Y from "yjs";
import { Project, rootId } from "./project.ts";
import { stampEdits } from "./stamp-edits.ts";

it("[PR-71] stamps an edited file once, when the typing pauses", () => {
  let time = 1000;
  let pending: (() => void) | undefined;
  const project = new Project(new Y.Doc(), { now: () => time });
  const { id } = project.createText(rootId, "f", "x");
  const stop = stampEdits(project, {
    now: () => time,
    schedule: (_, work) => {
      pending = work;
      return () => (pending = undefined);
    },
  });
  for (time = 2000; time < 2005; time++) project.text(id)?.insert(0, "y");
  expect(project.entry(id)?.mtime).toBe(1000);
  pending?.();
  expect(project.entry(id)?.mtime).toBe(2004);
  // Others' edits are stamped by them.
  const other = new Project(new Y.Doc());
  Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(project.doc));
  other.text(id)?.insert(0, "z");
  Y.applyUpdate(project.doc, Y.encodeStateAsUpdate(other.doc));
  expect(pending).toBeUndefined();
  project.text(id)?.insert(0, "y");
  stop();
  expect(project.entry(id)?.mtime).toBe(2005);
});
