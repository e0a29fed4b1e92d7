import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { until } from "#test/harness/until.ts";
import { connectReplica, PortBlobStore, serveBlobs, type Port } from "./replica.ts";

const ports: MessagePort[] = [];

function channel(): [Port, Port] {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  return [port1 as unknown as Port, port2 as unknown as Port];
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const textOf = (doc: Y.Doc): string => doc.getText("t").toJSON();

describe("replicas over a port", () => {
  it("bring what each had together, and stay in step both ways", async () => {
    const [page, worker] = channel();
    const a = new Y.Doc();
    const b = new Y.Doc();
    a.getText("t").insert(0, "from a ");
    b.getText("t").insert(0, "from b ");
    connectReplica(page, a);
    connectReplica(worker, b);
    await until("they are the same", () => textOf(a) === textOf(b) && textOf(a).length === 14);
    a.getText("t").insert(0, "1");
    b.getText("t").insert(14, "2");
    await until("they are the same again", () => textOf(a) === textOf(b) && textOf(a).length === 16);
  });

  it("send nothing back where it came from", async () => {
    const [page, worker] = channel();
    const a = new Y.Doc();
    const b = new Y.Doc();
    connectReplica(page, a);
    connectReplica(worker, b);
    const heard: unknown[] = [];
    a.getText("t").insert(0, "x");
    await until("b has it", () => textOf(b) === "x");
    // What b said at first has arrived when this has.
    b.getText("t").delete(0, 1);
    await until("a has it", () => textOf(a) === "");
    page.addEventListener("message", ({ data }) => heard.push(data));
    a.getText("t").insert(0, "y");
    await until("b has it", () => textOf(b) === "y");
    b.getText("t").insert(0, "z");
    await until("a has it", () => textOf(a) === "zy");
    expect(heard).toHaveLength(1);
  });

  it("part when told to", async () => {
    const [page, worker] = channel();
    const a = new Y.Doc();
    const b = new Y.Doc();
    const part = connectReplica(page, a);
    connectReplica(worker, b);
    a.getText("t").insert(0, "x");
    await until("b has it", () => textOf(b) === "x");
    part();
    a.getText("t").insert(0, "y");
    b.getText("t").insert(0, "z");
    // What is said after it has arrived, both ways: so would the updates have.
    const heard: unknown[] = [];
    const marker = "after it";
    for (const [port, other] of [
      [page, worker],
      [worker, page],
    ] as const) {
      other.addEventListener("message", ({ data }) => heard.push(data));
      port.postMessage(marker);
    }
    await until("both have heard", () => heard.filter((message) => message === marker).length === 2);
    expect([textOf(a), textOf(b)]).toEqual(["yx", "zx"]);
  });

  it("share blobs: at hand once fetched or written, an error where there are none", async () => {
    const [page, worker] = channel();
    const blobs = new MemoryBlobStore();
    serveBlobs(page, blobs);
    const remote = new PortBlobStore(worker);
    const ref = blobs.put(new Uint8Array([1, 2, 3]));
    expect(await remote.get(ref)).toEqual(new Uint8Array([1, 2, 3]));
    expect(remote.get(ref)).toEqual(new Uint8Array([1, 2, 3]));
    const mine = remote.put(new Uint8Array([4]));
    expect(remote.get(mine)).toEqual(new Uint8Array([4]));
    await until("the other end has it", () => {
      try {
        return blobs.get(mine).length === 1;
      } catch {
        return false;
      }
    });
    await expect(remote.get({ hash: "0".repeat(64), size: 1 })).rejects.toMatchObject({ code: "EIO" });
  });
});
