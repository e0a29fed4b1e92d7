// Participants as people.

import { expect, it } from "vitest";
import { changesOf, members } from "./members.ts";
import { whereabouts } from "./whereabouts.ts";

const ana = { id: "a", name: "Ana", color: "#0f766e" };
const ben = { id: "b", name: "Ben", color: "#b45309" };

it("shows one member for a person with two tabs, oneself first", () => {
  const list = members([
    { clientId: 1, self: false, person: ana, state: {} },
    { clientId: 2, self: false, person: ana, state: { where: { file: "f1" } } },
    { clientId: 3, self: true, person: ben, state: {} },
  ]);
  expect(list.map((member) => member.person.name)).toEqual(["Ben", "Ana"]);
  expect(list[1]?.where).toEqual({ file: "f1" });
});

it("tells who came and who went, never oneself", () => {
  const me = { clientId: 3, self: true, person: ben, state: {} };
  const her = { clientId: 1, self: false, person: ana, state: {} };
  expect(changesOf(members([]), members([me, her]))).toEqual({ joined: [ana], left: [] });
  expect(changesOf(members([me, her]), members([me]))).toEqual({ joined: [], left: [ana] });
});

it("puts whereabouts into words, and keeps silent about what is unknown", () => {
  const name = (id: string) => (id === "f1" ? "main.c" : undefined);
  expect(whereabouts({ file: "f1" }, name)).toBe("in main.c");
  expect(whereabouts({ file: "gone" }, name)).toBeUndefined();
  expect(whereabouts({ file: "f1", terminal: "Terminal 1" }, name)).toBe("in a terminal");
  expect(members([{ clientId: 1, self: true, person: ana, state: { where: 7 } }])[0]?.where).toEqual({});
});
