// Going through a project, while it changes.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { Project, rootId } from "#core/project/project.ts";
import { walk } from "./walk.ts";

it("goes through folders before what is in them, by name, and passes over what is deleted meanwhile", () => {
  const project = new Project(new Y.Doc());
  const a = project.mkdir(rootId, "a");
  project.createText(a.id, "z");
  const gone = project.createText(a.id, "y");
  project.createText(rootId, "b");
  const paths: string[] = [];
  for (const { path } of walk(project, rootId, "top")) {
    if (path === "top/a") project.trash(gone.id);
    paths.push(path);
  }
  expect(paths).toEqual(["top/a", "top/a/z", "top/b"]);
});
