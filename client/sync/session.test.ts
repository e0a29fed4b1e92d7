// A session of ours against the real room, both in memory, on a clock that the test moves.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { rootId } from "#core/project/project.ts";
import { MemoryCopy } from "#test/harness/memory-copy.ts";
import { settle, type ManualClock } from "#test/harness/manual-clock.ts";
import { MemoryRoom } from "#test/harness/memory-room.ts";
import type { Session } from "./session.ts";

let room: MemoryRoom;
let clock: ManualClock;

beforeEach(async () => {
  room = await MemoryRoom.create();
  ({ clock } = room.test);
});
afterEach(() => room.close());

const textOf = (session: Session): string => session.doc.getText("t").toJSON();
const type = (session: Session, text: string): void => session.doc.getText("t").insert(0, text);
const names = (session: Session): string[] => session.participants().map(({ person }) => person.name);

/** Longer than any wait of a session that is online. */
const rest = (): Promise<void> => clock.pass(200);

describe("a session", () => {
  it("joins, and edits travel and are saved", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    expect([ana.connection.kind, ana.role]).toEqual(["online", "editor"]);
    type(ana, "hello");
    expect(ana.unsaved).toBe(1);
    await rest();
    expect([textOf(ben), ana.unsaved]).toEqual(["hello", 0]);
  });

  it("tells when the count of unsaved changes is another", async () => {
    const ana = await room.join("Ana");
    const counts: number[] = [];
    ana.onUnsaved((count) => counts.push(count));
    type(ana, "a");
    type(ana, "b");
    await rest();
    expect(counts).toEqual([1, 2, 0]);
  });

  it("brings together what was written while the server was away", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    const states: string[] = [];
    ana.onConnection(({ kind }) => states.push(kind));
    room.server = "down";
    await room.cut();
    type(ana, "ana ");
    type(ben, "ben ");
    await clock.pass(20_000);
    expect([ana.connection.kind, ana.unsaved]).toEqual(["offline", 1]);
    room.server = "up";
    await clock.pass(2000);
    expect(textOf(ana)).toBe(textOf(ben));
    expect(textOf(ana)).toHaveLength(8);
    expect([ana.unsaved, states]).toEqual([0, ["offline", "online"]]);
  });

  it("[CONN-1] is not online, and nothing is saved, where the server answers pings and lets nobody in", async () => {
    const ana = await room.join("Ana");
    room.server = "silent";
    await room.cut();
    type(ana, "precious");
    for (let second = 0; second < 120; second++) {
      await clock.pass(1000);
      expect([ana.connection.kind, ana.unsaved]).toEqual(["offline", 1]);
    }
    room.server = "up";
    await clock.pass(40_000);
    expect([ana.connection.kind, ana.unsaved]).toEqual(["online", 0]);
  });

  it("changes nothing that others see where its role is to run", async () => {
    const [ana, eve] = [await room.join("Ana"), await room.join("Eve", { link: "runner" })];
    type(eve, "mine");
    await rest();
    expect([textOf(ana), eve.unsaved]).toEqual(["", 0]);
  });

  it("[ROOM-16] says that the server writes nothing down, and that it does again", async () => {
    const ana = await room.join("Ana");
    room.test.storage.failing = true;
    type(ana, "x");
    await clock.pass(500);
    expect(ana.storage.ok).toBe(false);
    expect(ana.unsaved).toBe(1);
    room.test.storage.failing = false;
    await clock.pass(60_000);
    expect([ana.storage.ok, ana.unsaved]).toEqual([true, 0]);
  });

  it("carries a channel across a break of the publisher's connection", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    const seen: string[] = [];
    ben.channels.watch("t", {
      snapshot: (data) => seen.push(`snapshot ${decodeUtf8Lossy(data)}`),
      data: (data) => seen.push(decodeUtf8Lossy(data)),
      closed: () => seen.push("closed"),
    });
    const about = { title: "T", kind: "terminal" } as const;
    const publication = ana.channels.publish("t", about, () => encodeUtf8("$ "));
    await rest();
    publication.send(encodeUtf8("ls"));
    await rest();
    await room.cut(ana);
    await clock.pass(500);
    publication.send(encodeUtf8("pwd"));
    await rest();
    expect(seen).toEqual(["closed", "snapshot $ ", "ls", "closed", "snapshot $ ", "pwd"]);
  });

  it("ends without a trace", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    type(ben, "last words");
    ben.destroy();
    ben.destroy();
    await rest();
    expect([names(ana), textOf(ana)]).toEqual([["Ana"], "last words"]);
  });
});

describe("who is here", () => {
  it("stays for three seconds without a connection, and is nobody after that", async () => {
    const [ana] = [await room.join("Ana"), await room.join("Ben")];
    expect(names(ana)).toEqual(["Ana", "Ben"]);
    room.server = "down";
    await room.cut(ana);
    await clock.pass(2999);
    expect(names(ana)).toEqual(["Ana", "Ben"]);
    await clock.pass(1);
    expect(names(ana)).toEqual(["Ana"]);
    room.server = "up";
    await clock.pass(2000);
    expect(names(ana)).toEqual(["Ana", "Ben"]);
  });

  it("is seen without flicker over a short break", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    const seen = new Set<string>();
    ana.onParticipants((participants) => seen.add(participants.map(({ person }) => person.name).join()));
    ben.setState("where", { file: rootId });
    await rest();
    await room.cut(ana);
    await clock.pass(2000);
    expect([...seen]).toEqual(["Ana,Ben"]);
  });

  it("who left meanwhile is not", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    room.server = "down";
    await room.cut();
    ben.destroy();
    room.server = "up";
    await clock.pass(5000);
    expect(names(ana)).toEqual(["Ana"]);
  });

  it("goes on under another name, also for the others", async () => {
    const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
    ben.setIdentity({ ...ben.person, key: "key-of-Ben", name: "Benjamin" });
    expect(names(ben)).toEqual(["Benjamin", "Ana"]);
    expect(names(ana)).toEqual(["Ana", "Ben"]);
    await rest();
    expect(names(ana)).toEqual(["Ana", "Benjamin"]);
    expect(room.exchanges).toBe(3);
  });
});

describe("[COPY-5] this browser's copy", () => {
  async function filledCopy(): Promise<MemoryCopy> {
    const first = new MemoryCopy(1, () => undefined);
    const session = await room.join("Ana", { copy: first });
    type(session, "kept");
    await rest();
    session.destroy();
    return new MemoryCopy(2, () => undefined, first);
  }

  async function isShown(session: Session): Promise<boolean> {
    let shown = false;
    session.synced.then(
      () => (shown = true),
      () => undefined,
    );
    await settle();
    return shown;
  }

  it("is shown at once where the server cannot be reached", async () => {
    const copy = await filledCopy();
    room.server = "down";
    const session = room.open("Ana", { copy });
    expect(await isShown(session)).toBe(true);
    expect([textOf(session), session.connection.kind]).toEqual(["kept", "offline"]);
  });

  it("is shown after three seconds where the server is silent", async () => {
    const copy = await filledCopy();
    room.server = "silent";
    const session = room.open("Ana", { copy });
    await clock.pass(2999);
    expect(await isShown(session)).toBe(false);
    await clock.pass(1);
    expect(await isShown(session)).toBe(true);
  });

  it("[COPY-4] that was never in step with a room is not shown before the room has answered", async () => {
    room.server = "down";
    const session = room.open("Ana", { copy: new MemoryCopy(1, () => undefined) });
    await clock.pass(10_000);
    expect(await isShown(session)).toBe(false);
    room.server = "up";
    await clock.pass(2000);
    expect(await isShown(session)).toBe(true);
  });

  it("[COPY-2] counts what an earlier visit could not send, until the room has it", async () => {
    const first = new MemoryCopy(1, () => undefined);
    const before = await room.join("Ana", { copy: first });
    room.server = "down";
    await room.cut();
    type(before, "late ");
    before.destroy();
    const session = room.open("Ana", { copy: new MemoryCopy(2, () => undefined, first) });
    expect(session.unsaved).toBe(1);
    room.server = "up";
    await clock.pass(2000);
    expect(session.unsaved).toBe(0);
    expect(textOf(await room.join("Ben"))).toBe("late ");
  });

  it("[COPY-4] of a project that was started over on the server is put aside, with the files that nobody has", async () => {
    const copy = await filledCopy();
    const other = await MemoryRoom.create();
    other.server = "down";
    const session = other.open("Ana", { copy });
    await settle();
    const { id } = session.project.createText(rootId, "unsent.txt", "words");
    other.server = "up";
    await other.test.clock.pass(2000);
    expect(session.connection).toMatchObject({ kind: "refused", startedOver: true });
    expect([...(copy.aside ?? [])]).toContain(id);
    await other.close();
  });
});

describe("a link that does not hold any more", () => {
  const withdrawn = "This link was withdrawn: ask whoever shared it for a fresh one.";

  async function withdraw(): Promise<void> {
    room.refusal = { status: 401, sentence: withdrawn };
    await room.withdraw("editor");
  }

  it("[COPY-14] withdrawn while it is in use: ends the session with its sentence, and names the files that nobody has", async () => {
    const ana = await room.join("Ana");
    const saved = ana.project.createText(rootId, "saved.txt", "on the server");
    await rest();
    expect(ana.unsaved).toBe(0);
    const unsent = ana.project.createText(rootId, "unsent.txt", "words");
    await withdraw();
    expect(ana.connection).toEqual({ kind: "refused", reason: withdrawn });
    expect([...ana.unsavedFiles]).toContain(unsent.id);
    expect([...ana.unsavedFiles]).not.toContain(saved.id);
    // It does not come back by itself, and what is there can be read for a file to take along.
    await clock.pass(600_000);
    expect(ana.connection.kind).toBe("refused");
    expect(ana.project.text(unsent.id)?.toJSON()).toBe("words");
    ana.giveUpUnsaved();
    expect([ana.unsaved, ana.unsavedFiles.size]).toEqual([0, 0]);
  });

  it("[COPY-14] withdrawn while one was away: ends the session when the server is back", async () => {
    const ana = await room.join("Ana");
    room.server = "down";
    await room.cut();
    const { id } = ana.project.createText(rootId, "offline.txt", "words");
    await withdraw();
    await clock.pass(30_000);
    expect(ana.connection.kind).toBe("offline");
    room.server = "up";
    await clock.pass(2000);
    expect(ana.connection).toEqual({ kind: "refused", reason: withdrawn });
    expect([...ana.unsavedFiles]).toContain(id);
  });

  it("[COPY-14] withdrawn before the project was shown: there is nothing to show, and the sentence says why", async () => {
    await withdraw();
    const ana = room.open("Ana");
    await expect(ana.synced).rejects.toThrow(withdrawn);
    expect(ana.connection.kind).toBe("refused");
  });

  it("[CONN-5] but a token that ended is only exchanged again", async () => {
    const ana = await room.join("Ana");
    const before = room.exchanges;
    const states: string[] = [];
    ana.onConnection(({ kind }) => states.push(kind));
    await room.end(4401, "This access has ended: open the project's link again.");
    type(ana, "on");
    await rest();
    expect([room.exchanges - before, ana.unsaved, states]).toEqual([1, 0, ["connecting", "online"]]);
  });
});

it("an update from another document of the page counts as made here, one of the room does not", async () => {
  const [ana, ben] = [await room.join("Ana"), await room.join("Ben")];
  const other = new Y.Doc();
  other.getText("t").insert(0, "from the machine");
  Y.applyUpdate(ana.doc, Y.encodeStateAsUpdate(other), "machine");
  expect(ana.unsaved).toBe(1);
  await rest();
  expect([textOf(ben), ben.unsaved, ana.unsaved]).toEqual(["from the machine", 0, 0]);
});
