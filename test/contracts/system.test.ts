// The Systems that need no guest: over a namespace, in a program's own memory, and behind messages. The guest's is
// test/integration/guest-system.test.ts.

import { MemFs } from "#machine/fs/memfs.ts";
import { type AnswerMessage, answerCall, PortCalls } from "#machine/wasm/calls/port.ts";
import { FsSystem } from "#machine/wasm/files/fs-system.ts";
import { noStreams } from "#machine/wasm/files/read-file.ts";
import { replicaSystem } from "#machine/wasm/replica/replica-system.ts";
import { systemContract } from "./system.ts";

function inMemory(): FsSystem {
  const fs = new MemFs();
  fs.mkdir(fs.root, "work", 0o755);
  return new FsSystem({ fs, streams: noStreams, cwd: "/" });
}

systemContract("a namespace of ours", () => {
  const system = inMemory();
  return { system, folder: "/work", end: () => system.end() };
});

systemContract("a namespace behind messages", () => {
  const system = inMemory();
  const calls = new PortCalls((message) => {
    void answerCall(system, structuredClone(message)).then((answer: AnswerMessage) =>
      calls.receive(structuredClone(answer)),
    );
  });
  return { system: calls.system, folder: "/work", end: () => system.end() };
});

systemContract("a replica", () => {
  const tree = { path: "/somewhere", entries: [] };
  const replica = { trees: [tree], preopens: [], input: new Uint8Array(0), terminal: false };
  return { system: replicaSystem(replica, () => undefined), folder: "/0" };
});
