import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { readMessage } from "#core/room/messages.ts";
import { ManualClock } from "#test/harness/manual-clock.ts";
import { OutgoingChanges } from "./outgoing-changes.ts";

let clock: ManualClock;
let doc: Y.Doc;
/** "update TEXT" and "mark ID", in their order. */
let sent: string[];
/** What the room knows. */
let room: Y.Doc;
let kept: string[];
let changes: OutgoingChanges;

beforeEach(() => {
  clock = new ManualClock();
  doc = new Y.Doc();
  room = new Y.Doc();
  sent = [];
  kept = [];
  begin(0);
  doc.on("update", (update: Uint8Array) => changes.add(update, new Set([`file-${textOf(doc).length}`])));
});
afterEach(() => {
  changes.destroy();
  expect(clock.waiting).toBe(0);
});

function begin(carried: number): void {
  changes = new OutgoingChanges({
    clock,
    send: (data) => {
      const message = readMessage(data);
      if (message.kind === "update") {
        Y.applyUpdate(room, message.update);
        sent.push(`update ${textOf(room)}`);
      } else if (message.kind === "frame")
        sent.push(`mark ${(JSON.parse(message.json) as { readonly id: number }).id}`);
    },
    copy: {
      carried,
      carriedFiles: new Set(carried > 0 ? ["carried"] : []),
      append: (_update, change) => void kept.push(`change ${change?.number}`),
      acknowledged: (change) => void kept.push(`saved ${change}`),
    },
  });
}

const textOf = (of: Y.Doc): string => of.getText("t").toJSON();
const type = (text: string): void => doc.getText("t").insert(doc.getText("t").length, text);

function connect(): void {
  changes.up();
  changes.caughtUp();
}

describe("changes on their way", () => {
  it("go at once after a pause, and together when they follow closely", async () => {
    connect();
    type("a");
    expect(sent).toEqual(["update a"]);
    type("b");
    type("c");
    await clock.pass(7);
    expect(sent).toEqual(["update a"]);
    await clock.pass(1);
    expect(sent).toEqual(["update a", "update abc"]);
  });

  it("[ROOM-14] are followed by one mark for a burst, which acknowledges all of it", async () => {
    connect();
    for (const letter of "abc") type(letter);
    await clock.pass(20);
    expect(sent.at(-1)).toBe("mark 3");
    expect(changes.unsaved).toBe(3);
    type("d");
    changes.acknowledge(3);
    expect(changes.unsaved).toBe(1);
    expect([...changes.unsavedFiles]).toEqual(["file-4"]);
    await clock.pass(20);
    changes.acknowledge(4);
    expect([changes.unsaved, changes.unsavedFiles.size]).toEqual([0, 0]);
  });

  it("[ROOM-14] are marked on a connection only after its step 2, which covers what was made before", async () => {
    type("a");
    changes.up();
    type("b");
    await clock.pass(100);
    // The room cannot put it in its place without what was before.
    expect(sent).toEqual(["update "]);
    changes.caughtUp();
    expect(sent.at(-1)).toBe("mark 2");
  });

  it("that a lost connection had not sent are not sent on the next one but by step 2", async () => {
    connect();
    type("a");
    type("b");
    changes.down();
    await clock.pass(100);
    expect(sent).toEqual(["update a"]);
    type("c");
    expect(changes.unsaved).toBe(3);
    changes.up();
    await clock.pass(100);
    expect(sent).toEqual(["update a"]);
    changes.caughtUp();
    expect(sent).toEqual(["update a", "mark 3"]);
  });

  it("are sent before the end where they wait", () => {
    connect();
    type("a");
    type("b");
    changes.flush();
    expect(sent).toEqual(["update a", "update ab"]);
  });

  it("[COPY-1] are kept with their numbers, and what was acknowledged is told", async () => {
    connect();
    type("a");
    type("b");
    changes.acknowledge(2);
    // A room says no more than was asked; what it says too late changes nothing.
    changes.acknowledge(1);
    changes.acknowledge(99);
    expect(kept).toEqual(["change 1", "change 2", "saved 2", "saved 2", "saved 2"]);
    await clock.pass(20);
  });

  it("[COPY-2] of earlier visits count first, and are acknowledged together", async () => {
    changes.destroy();
    begin(5);
    expect([changes.unsaved, [...changes.unsavedFiles]]).toEqual([5, ["carried"]]);
    changes.up();
    type("a");
    expect(kept).toEqual(["change 6"]);
    changes.caughtUp();
    expect(sent.at(-1)).toBe("mark 6");
    changes.acknowledge(4);
    expect([...changes.unsavedFiles]).toEqual(["carried", "file-1"]);
    changes.acknowledge(6);
    expect([changes.unsaved, changes.unsavedFiles.size]).toEqual([0, 0]);
    await clock.pass(20);
  });

  it("that were given up count no more, and the copy keeps them", () => {
    type("a");
    changes.giveUp();
    expect([changes.unsaved, changes.unsavedFiles.size, kept]).toEqual([0, 0, ["change 1"]]);
  });
});
