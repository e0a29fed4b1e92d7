import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { ManualClock } from "#test/harness/manual-clock.ts";
import { BatchedPort } from "./batched-port.ts";
import { connectReplica } from "./replica.ts";

interface Sent {
  readonly replica?: string;
  readonly update?: Uint8Array;
  readonly machine?: string;
}

function setUp(): { clock: ManualClock; doc: Y.Doc; port: BatchedPort; sent: Sent[] } {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const port = new BatchedPort({
    port: {
      postMessage: (message) => void sent.push(message as Sent),
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
    clock,
  });
  const doc = new Y.Doc();
  connectReplica(port, doc);
  sent.length = 0;
  return { clock, doc, port, sent };
}

const add = (doc: Y.Doc, text: string): void => doc.getText("t").insert(doc.getText("t").length, text);

describe("a port with batches", () => {
  it("sends the first update at once, and those that follow closely together", async () => {
    const { clock, doc, sent } = setUp();
    add(doc, "a");
    expect(sent).toHaveLength(1);
    for (const letter of "bcdef") add(doc, letter);
    expect(sent).toHaveLength(1);
    await clock.pass(8);
    expect(sent).toHaveLength(2);
    const other = new Y.Doc();
    for (const { update } of sent) Y.applyUpdate(other, update ?? new Uint8Array(0));
    expect(other.getText("t").toJSON()).toBe("abcdef");
    await clock.pass(100);
    add(doc, "g");
    expect(sent).toHaveLength(3);
  });

  it("keeps the order: whatever else is said comes after the updates before it", async () => {
    const { clock, doc, port, sent } = setUp();
    add(doc, "a");
    add(doc, "b");
    port.postMessage({ machine: "exit" });
    expect(sent.map(({ replica, machine }) => replica ?? machine)).toEqual(["update", "update", "exit"]);
    await clock.pass(100);
    expect(sent).toHaveLength(3);
  });
});
