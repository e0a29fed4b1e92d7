// Who is admitted as whom (core/room/SPEC.md), as far as no network is needed; test/integration/access.test.ts has the rest.

import { describe, expect, it } from "vitest";
import { palette } from "#core/room/palette.ts";
import { personColor } from "#core/room/person.ts";
import { TestRoom } from "#test/harness/room.ts";
import { personFromSeed } from "#sync/person.ts";

const own = (who: string): string => personColor(personFromSeed(`key-of-${who}`).id);

/** Two people whose ids have the same colour. */
function namesakes(): readonly [string, string] {
  const first = "ana";
  for (let index = 0; ; index++) if (own(`ben-${index}`) === own(first)) return [first, `ben-${index}`];
}

const worn = (client: {
  readonly admission: { readonly person: { readonly color: string } } | undefined;
}): string => client.admission?.person.color ?? "";

it("[ROOM-30] a new name reaches the others with the token that says so", async () => {
  const test = await TestRoom.create();
  const [ana, ben] = [await test.join("ana"), await test.join("ben")];
  await ben.sayAwareness({ client: 7, clock: 1, state: { where: { file: "f" } } });
  await test.clock.pass(10);
  const person = { id: ben.admission?.person.id ?? "", name: "Benjamin", color: palette[0] };
  test.tokens.set("fresh", { ok: true, pass: { project: "test", link: "editor", person } });
  await ben.sayFrame({ type: "token", token: "fresh" });
  await test.clock.pass(10);
  expect(ana.presence().get(7)).toMatchObject({ user: { name: "Benjamin" }, where: { file: "f" } });
});

describe("[ROOM-37] the colour of people who have not chosen one", () => {
  it("is that of nobody else who is here, and the same in all their connections", async () => {
    const test = await TestRoom.create();
    const [ana, ben] = namesakes();
    expect(worn(await test.join(ana))).toBe(own(ana));
    const other = worn(await test.join(ben));
    expect(other).not.toBe(own(ana));
    expect(worn(await test.join(ben))).toBe(other);
    expect(worn(await test.join(ana))).toBe(own(ana));
  });

  it("is their own again once it is free", async () => {
    const test = await TestRoom.create();
    const [ana, ben] = namesakes();
    await test.room.disconnect(await test.join(ana));
    expect(worn(await test.join(ben))).toBe(own(ben));
  });

  it("repeats only where the palette is used up", async () => {
    const test = await TestRoom.create();
    const colors: string[] = [];
    for (let index = 0; index <= palette.length; index++)
      colors.push(worn(await test.join(`guest-${index}`)));
    expect(new Set(colors.slice(0, palette.length))).toEqual(new Set(palette));
    expect(palette).toContain(colors.at(-1));
  });
});
