// Which files hold what the server does not have.

import { expect, it } from "vitest";
import { UnsavedFiles } from "./unsaved-files.ts";

it("forgets a file when its last change is acknowledged, and earlier visits' together", () => {
  const files = new UnsavedFiles(new Set(["old"]), 3);
  files.changed(4, ["a", "b"]);
  files.changed(5, ["a"]);
  expect(files.ids).toEqual(new Set(["old", "a", "b"]));
  files.acknowledged(2);
  expect(files.ids).toEqual(new Set(["old", "a", "b"]));
  files.acknowledged(4);
  expect(files.ids).toEqual(new Set(["a"]));
  files.acknowledged(5);
  expect(files.ids).toEqual(new Set());
});
