// Following a colleague, with real events on a real target.

import { signal } from "@preact/signals";
import { expect, it } from "vitest";
import { Following } from "./following.ts";
import type { Viewport } from "./following.ts";
import type { Member } from "./members.ts";

function ana(file: string): Member {
  return { person: { id: "a", name: "Ana", color: "#123456" }, self: false, where: { file }, state: {} };
}

function world() {
  const members = signal<readonly Member[]>([ana("one")]);
  const shown: Viewport[] = [];
  const input = new EventTarget();
  const following = new Following({
    members,
    viewportOf: (member) => member.where,
    show: (viewport) => shown.push(viewport),
    input,
  });
  return { members, shown, input, following };
}

it("shows where they are, and where they go", () => {
  const { members, shown, following } = world();
  following.start(ana("one"));
  members.value = [ana("one")]; // they have only moved their pointer
  members.value = [ana("two")];
  expect(shown).toEqual([{ file: "one" }, { file: "two" }]);
  following.dispose();
});

it("ends with one's own first input", () => {
  const { members, shown, input, following } = world();
  following.start(ana("one"));
  input.dispatchEvent(new Event("keydown"));
  members.value = [ana("two")];
  expect(following.who.value).toBeUndefined();
  expect(shown).toEqual([{ file: "one" }]);
  following.dispose();
});

it("ends when they leave", () => {
  const { members, following } = world();
  following.start(ana("one"));
  members.value = [];
  expect(following.who.value).toBeUndefined();
  following.dispose();
});
