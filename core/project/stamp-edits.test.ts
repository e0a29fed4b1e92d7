import { expect, it } from "vitest";
import * as Y from "yjs";
import { ManualClock } from "#test/harness/manual-clock.ts";
import { Project, rootId } from "./project.ts";
import { stampEdits } from "./stamp-edits.ts";

it("[PR-71] stamps an edited file once, when the typing pauses", async () => {
  const clock = new ManualClock();
  const project = new Project(new Y.Doc(), { now: () => clock.now() });
  const { id } = project.createText(rootId, "f", "x");
  const created = clock.now();
  const stop = stampEdits(project, clock);
  for (let keystroke = 0; keystroke < 5; keystroke++) {
    await clock.pass(999);
    project.text(id)?.insert(0, "y");
  }
  expect(project.entry(id)?.mtime).toBe(created);
  const last = clock.now();
  await clock.pass(1000);
  expect(project.entry(id)?.mtime).toBe(last);
  // Others' edits are stamped by them.
  const other = new Project(new Y.Doc());
  Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(project.doc));
  other.text(id)?.insert(0, "z");
  Y.applyUpdate(project.doc, Y.encodeStateAsUpdate(other.doc));
  expect(clock.waiting).toBe(0);
  project.text(id)?.insert(0, "y");
  stop();
  expect(project.entry(id)?.mtime).toBe(clock.now());
  expect(clock.waiting).toBe(0);
});
