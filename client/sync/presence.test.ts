import { describe, expect, it } from "vitest";
import { readState } from "#core/room/awareness-state.ts";
import { palette } from "#core/room/palette.ts";
import { newIdentity, personFromSeed, renamed } from "./person.ts";
import { listParticipants } from "./presence.ts";

const user = { id: "a1", name: "Ana", color: palette[0] };

describe("presence", () => {
  it("keeps the fields that are what they should be, and drops the others", () => {
    expect(
      readState({
        user,
        where: { file: "f1", more: 1 },
        machine: "on fire",
        selection: { node: "n", anchor: { a: 1 }, head: null },
        terminals: [{ channel: "c", title: "T", cols: 80, rows: -1 }],
      }),
    ).toEqual({ user, where: { file: "f1" }, selection: { node: "n", anchor: { a: 1 }, head: null } });
    expect(readState({ user: { ...user, color: "url(evil)" } })?.user.color).toMatch(/^#[0-9a-f]{6}$/);
    for (const nobody of [null, 7, {}, { user: { id: 1 } }]) expect(readState(nobody)).toBeUndefined();
  });

  it("lists oneself first, then by name", () => {
    const states = new Map<number, unknown>([
      [1, { user: { ...user, name: "Zoë" } }],
      [2, { user: { ...user, name: "Me" } }],
      [3, { user }],
      [4, {}],
    ]);
    expect(listParticipants(states, 2).map(({ person }) => person.name)).toEqual(["Me", "Ana", "Zoë"]);
  });
});

describe("people", () => {
  it("are the same for the same key, and otherwise somebody else", () => {
    expect(personFromSeed("some-key-1")).toEqual(personFromSeed("some-key-1"));
    const people = Array.from({ length: 50 }, newIdentity);
    expect(new Set(people.map(({ id }) => id)).size).toBe(50);
    expect(new Set(people.map(({ name }) => name)).size).toBeGreaterThan(40);
    for (const { color } of people) expect(palette).toContain(color);
  });

  it("keep their name where the new one cannot be shown", () => {
    const ana = renamed(newIdentity(), "  Ana  ");
    expect(ana.name).toBe("Ana");
    expect(renamed(ana, "\u0000 ")).toBe(ana);
  });
});
