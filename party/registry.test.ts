// Who may enter, in projects new and old, and what becomes of those who are inside (core/auth/SPEC.md, core/room/SPEC.md).

import { describe, expect, it } from "vitest";
import type * as Y from "yjs";
import { roomProtocolVersion } from "#core/room/frames.ts";
import type { SharedLink, SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import { settle, TestClient, TestRoom } from "#test/harness/room.ts";
import { firstMeta } from "./registry.ts";
import { maxSharingRecords } from "./sharing-rules.ts";

const stranger = { id: "", name: "", color: "" };
const ana = { id: "ana", name: "Ana", color: "#1a7f64" };

async function come(test: TestRoom, pass: Omit<Pass, "project">, person = ana): Promise<TestClient> {
  const client = new TestClient(test.room);
  await test.room.connect(client, {
    connection: crypto.randomUUID(),
    pass: { project: "test", ...pass },
    protocol: roomProtocolVersion,
    person,
  });
  await settle();
  return client;
}

/** A project from before there were registries: a name, and links that nobody wrote down. */
async function oldProject(): Promise<TestRoom> {
  const test = await TestRoom.create();
  const gone = Object.keys(firstMeta({ links: (await links(test)).byId }));
  await test.storage.writeMeta(Object.fromEntries(gone.map((key) => [key, undefined])));
  test.restart();
  return test;
}

async function links(test: TestRoom): Promise<{ byId: Map<string, SharedLink> }> {
  const answer = await test.room.share({ project: "test", link: "owner" }, stranger, undefined);
  if (!answer.ok) throw new Error(answer.sentence);
  return { byId: new Map(answer.sharing.links.map((link) => [link.id, link])) };
}

const ask = (test: TestRoom, request: SharingRequest, pass: Omit<Pass, "project"> = { link: "owner" }) =>
  test.room.share({ project: "test", ...pass }, stranger, request);

describe("[AUTH-6] a project from before registries", () => {
  it("opens with its old links, which are listed from then on and can be revoked", async () => {
    const test = await oldProject();
    const old = { link: "old-link", signedRole: "editor" } as const;
    const owner = { link: "owner", signedRole: "owner" } as const;
    const ben = await come(test, old);
    expect(ben.frames("welcome")[0]?.role).toBe("editor");
    await come(test, owner);
    test.restart();
    expect([...(await links(test)).byId.keys()].toSorted()).toEqual(["old-link", "owner"]);
    const again = await come(test, old);
    expect((await ask(test, { type: "revoke-link", link: "old-link" })).ok).toBe(true);
    expect(again.closed?.code).toBe(4401);
    test.restart();
    expect((await come(test, old)).closed?.code).toBe(4401);
  });

  it("does not open with what an access token says of a link", async () => {
    const test = await oldProject();
    expect((await come(test, { link: "never-seen" })).closed?.code).toBe(4401);
  });
});

describe("time", () => {
  it("[ROOM-29] ends a line, and a room that slept sends nothing to it", async () => {
    const test = await TestRoom.create();
    const ben = await come(test, { link: "editor", until: test.clock.now() + 60_000 });
    await test.clock.pass(59_000);
    expect(ben.closed).toBeUndefined();
    await test.clock.pass(2000);
    expect(ben.closed?.code).toBe(4401);

    const cleo = await come(test, { link: "editor", until: test.clock.now() + 60_000 });
    test.room.dispose();
    const { admission } = cleo;
    test.restart();
    await test.clock.pass(61_000);
    cleo.take();
    cleo.room = test.room;
    expect(admission?.role).toBe("editor");
    await test.room.wake([cleo]);
    expect(cleo.closed?.code).toBe(4401);
    expect(cleo.heard.map((message) => message.kind)).toEqual(["frame"]);
    expect(cleo.frames("ended")).toHaveLength(1);
  });

  it("[ROOM-29] is looked at before a message is taken, however late the alarm", async () => {
    const test = await TestRoom.create();
    const ben = await come(test, { link: "editor", until: test.clock.now() + 1 });
    const late = test.clock.now() + 10;
    test.clock.now = () => late;
    await ben.edit((doc: Y.Doc) => doc.getText("t").insert(0, "late"));
    expect(ben.closed?.code).toBe(4401);
    expect((await test.join("ana")).text).toBe("");
  });

  it("[ROOM-30] goes on with a fresh token", async () => {
    const test = await TestRoom.create();
    const until = test.clock.now() + 60_000;
    const ben = await come(test, { link: "editor", until });
    const pass = { project: "test", link: "editor", person: { ...ana, name: "Anna" } };
    test.tokens.set("fresh", { ok: true, pass: { ...pass, until: until + 60_000 } });
    await ben.sayFrame({ type: "token", token: "fresh" });
    expect(ben.frames("welcome").map(({ person }) => person.name)).toEqual(["Ana", "Anna"]);
    await test.clock.pass(90_000);
    expect(ben.closed).toBeUndefined();
    await test.clock.pass(60_000);
    expect(ben.closed?.code).toBe(4401);
  });
});

describe("a change", () => {
  it("[ROOM-31] closes what somebody showed who may no longer run", async () => {
    const test = await TestRoom.create();
    const link = { type: "change-link", link: "editor" } as const;
    const ben = await test.join("ben");
    const cleo = await test.join("cleo", { role: "viewer" });
    await ben.sayFrame({ type: "publish", channel: "t", title: "Terminal", kind: "terminal" });
    await cleo.sayFrame({ type: "watch", channel: "t" });
    expect((await ask(test, { ...link, role: "viewer" })).ok).toBe(true);
    expect(ben.frames("welcome").at(-1)?.role).toBe("viewer");
    expect(cleo.frames("closed").map(({ channel }) => channel)).toEqual(["t"]);
    expect(ben.closed).toBeUndefined();
  });

  it("that cannot be stored changes nothing", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    test.storage.failing = true;
    await expect(ask(test, { type: "revoke-link", link: "editor" })).rejects.toThrow("full");
    expect(ben.closed).toBeUndefined();
    test.storage.failing = false;
    expect((await links(test)).byId.has("editor")).toBe(true);
  });

  it("makes no more records than a room can read, and forgets revoked links for new ones", async () => {
    const test = await TestRoom.create();
    for (let count = 4; count < maxSharingRecords; count++)
      expect((await ask(test, { type: "make-link", role: "viewer" })).ok).toBe(true);
    expect(await ask(test, { type: "make-link", role: "viewer" })).toMatchObject({ ok: false, status: 409 });
    expect((await ask(test, { type: "revoke-link", link: "runner" })).ok).toBe(true);
    expect((await ask(test, { type: "make-link", role: "viewer" })).ok).toBe(true);
    expect((await come(test, { link: "runner", signedRole: "runner" })).closed?.code).toBe(4401);
  });

  it("gives the project's own link where one is asked for", async () => {
    const test = await TestRoom.create();
    const standard = { type: "make-link", role: "editor", standard: true } as const;
    const made = async (): Promise<string | undefined> => {
      const answer = await ask(test, standard);
      return answer.ok ? answer.link : answer.sentence;
    };
    const first = (await made()) ?? "";
    expect(await made()).toBe(first);
    await ask(test, { type: "revoke-link", link: first });
    expect(await made()).not.toBe(first);
  });
});

describe("[AUTH-10] an invitation", () => {
  const invite = { type: "invite", email: "ana@example.org", role: "editor" } as const;

  it("is for who comes with that address, verified, and stays theirs without a link", async () => {
    const test = await TestRoom.create();
    await ask(test, invite);
    expect((await come(test, {})).closed?.code).toBe(4401);
    const verified = { ...ana, verified: true } as const;
    const there = await come(test, { email: invite.email }, verified);
    expect(there.frames("welcome")[0]).toMatchObject({ role: "editor", person: { verified: true } });
    // From then on the account is enough.
    expect((await come(test, {}, verified)).frames("welcome")[0]?.role).toBe("editor");
    const other = { ...ana, id: "other", verified: true } as const;
    expect((await come(test, { email: invite.email }, other)).closed?.code).toBe(4401);
    await ask(test, { type: "set-person", person: "ana", role: "none" });
    expect(there.closed?.code).toBe(4403);
    expect((await come(test, { email: invite.email, link: "viewer" }, verified)).closed?.code).toBe(4403);
  });
});
