// What is typed into a file while it is no text.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { asideName, TypedAside } from "./typed-aside.ts";

function textOf(content: string): Y.Text {
  const text = new Y.Doc().getText("file");
  text.insert(0, content);
  return text;
}

it("[ED-13] is put into the text that the file becomes, once", () => {
  const aside = new TypedAside("one\ntwo\nend\n");
  expect(aside.typed).toBe(false);
  aside.text.insert(7, " and more");
  expect(aside.typed).toBe(true);
  const file = textOf("zero\none\ntwo\nend\nmore\n");
  aside.mergeInto(file);
  expect(file.toJSON()).toBe("zero\none\ntwo and more\nend\nmore\n");
});

it("stays where the text that it was typed into is gone", () => {
  const aside = new TypedAside("old\n");
  aside.text.insert(4, "typed\n");
  const file = textOf("something else\n");
  aside.mergeInto(file);
  expect(file.toJSON()).toContain("typed\n");
  expect(file.toJSON()).toContain("something else\n");
});

it("writes nothing where nothing was typed", () => {
  const file = textOf("other");
  new TypedAside("text").mergeInto(file);
  expect(file.toJSON()).toBe("other");
});

it("is kept under a name that is free", () => {
  expect(asideName("a.txt", () => false)).toBe("a (typed).txt");
  expect(asideName("a.txt", (name) => name === "a (typed).txt")).toBe("a (typed 2).txt");
  expect(asideName("Makefile", () => false)).toBe("Makefile (typed)");
  expect(asideName(".bashrc", () => false)).toBe(".bashrc (typed)");
});
