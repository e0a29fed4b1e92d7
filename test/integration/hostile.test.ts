// Clients that mean ill, with real sockets against the real server. In every test two people type on and lose nothing.

import { setTimeout as sleep } from "node:timers/promises";
import * as encoding from "lib0/encoding";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { readAwareness, writeAwareness } from "#core/room/awareness.ts";
import type { ClientFrame } from "#core/room/frames.ts";
import { maxConnections, ownersPlaces } from "#core/room/limits.ts";
import {
  writeAwarenessMessage,
  writeFrame,
  writeQueryAwareness,
  writeStep1,
  writeStep2,
  writeUpdate,
} from "#core/room/messages.ts";
import type { Session } from "#sync/session.ts";
import { frameHead, openTcp } from "../harness/raw-tcp.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { share } from "../harness/sharing.ts";
import { until } from "../harness/until.ts";

let server: TestServer;
let project: TestProject;
let ana: Session;
let ben: Session;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

beforeEach(async () => {
  project = await server.createProject();
  ana = openSession(server, project, "Ana");
  ben = openSession(server, project, "Ben");
  await Promise.all([ana.synced, ben.synced]);
  await until("they see each other", () => ana.participants().length === 2);
});

let typed = 0;

/** What is typed on one side arrives on the other and is saved: nobody was cut off, nothing is stuck. */
async function typeOn(): Promise<void> {
  for (const [from, to] of [
    [ana, ben],
    [ben, ana],
  ] as const) {
    const word = `word${typed++} `;
    from.doc.getText("t").insert(0, word);
    await until("it arrives", () => to.doc.getText("t").toJSON().includes(word));
    await until("it is saved", () => from.unsaved === 0);
  }
}

afterEach(async () => {
  // From the first word to the last on one line: a reconnect would show in the connection's history.
  expect([ana.connection.kind, ben.connection.kind]).toEqual(["online", "online"]);
  await typeOn();
  ana.destroy();
  ben.destroy();
});

const enter = (
  link: { readonly token: string } = project,
  query: Readonly<Record<string, string>> = { conch: "1", person: "an-evil-person" },
): Promise<SocketClient> => SocketClient.open(server, project.id, { token: link.token, ...query });

const entry = (client: number, clock: number, state: unknown) => ({
  client,
  clock,
  state: JSON.stringify(state),
});

function updateOf(change: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  change(doc);
  return Y.encodeStateAsUpdate(doc);
}

/** An edit of so many pieces of two bytes each. */
function crumbs(pieces: number): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const value of [1, pieces, 5, 0]) encoding.writeVarUint(encoder, value);
  for (let index = 0; index < pieces; index++) {
    encoding.writeUint8(encoder, 0);
    encoding.writeVarUint(encoder, 1);
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

describe("before it is verified, a client", () => {
  const tokens: readonly (readonly [string, () => Promise<string> | string, number])[] = [
    ["without a token", () => "", 4401],
    ["with a made-up token", () => "a.b.c", 4401],
    ["with a token whose signature was cut off", () => project.token.replace(/[^.]*$/, ""), 4401],
    [
      "with a token that claims to need no signature",
      () => {
        const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
        return `${part({ alg: "none" })}.${part({ project: project.id, role: "owner", sub: "owner", iss: "conch" })}.`;
      },
      4401,
    ],
    ["with a token of another project", async () => (await server.createProject()).token, 4403],
    ["with a token a megabyte long", () => "x".repeat(8000), 4401],
  ];
  it.each(tokens)("[ROOM-1] %s reads nothing and changes nothing", async (_who, token, code) => {
    const eve = await enter({ token: await token() });
    if (eve.closed === undefined) {
      eve.send(writeStep1(Y.encodeStateVector(new Y.Doc())));
      eve.send(writeQueryAwareness());
      eve.send(writeUpdate(updateOf((doc) => doc.getText("t").insert(0, "evil"))));
    }
    expect((await eve.end()).code).toBe(code);
    expect(eve.heard).toEqual([]);
    expect(ana.doc.getText("t").toJSON()).not.toContain("evil");
  });

  it("is nobody, however it dresses up its request", async () => {
    const links = (await share(server, project)).links;
    const pass = encodeURIComponent(JSON.stringify({ project: project.id, link: links[0]?.id }));
    const socket = await openTcp(server);
    const { host } = new URL(server.origin);
    socket.write(
      `GET /parties/project/${project.id}?conch=1 HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nconch-pass: ${pass}\r\n` +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    let answer = "";
    socket.on("data", (data: Buffer) => (answer += data.toString("latin1")));
    await until("it is refused", () => answer.includes("only with its link"));
    expect(answer).not.toContain("welcome");
    socket.destroy();
  });
});

describe("a participant", () => {
  it("[ROOM-10] cannot speak for another, nor end them, nor borrow their name", async () => {
    const eve = await enter();
    const own = 666;
    eve.send(
      writeAwarenessMessage(
        writeAwareness([
          entry(own, 1, { user: ana.person, where: { file: "mine" } }),
          entry(ana.awareness.clientID, 1e9, { user: ana.person, where: { file: "evil" } }),
          entry(ben.awareness.clientID, 1e9, null),
        ]),
      ),
    );
    await until("Ben sees Eve", () => ben.participants().length === 3);
    const seen = ben.participants().find(({ clientId }) => clientId === own);
    expect(seen?.person.id).not.toBe(ana.person.id);
    expect(seen?.person.name).not.toBe("Ana");
    const shown = ben.participants().find(({ clientId }) => clientId === ana.awareness.clientID);
    expect(shown?.state.where).toBeUndefined();
    expect(ana.participants().some(({ person }) => person.name === "Ben")).toBe(true);
    await eve.close();
    await until("and Eve's going", () => ben.participants().length === 2);
  });

  it("[ROOM-17] cannot speak on another's channel", async () => {
    const said: string[] = [];
    const publication = ana.channels.publish("t1", { title: "T", kind: "terminal" }, () => new Uint8Array());
    ben.channels.watch("t1", {
      snapshot: () => said.push("snapshot"),
      data: (data) => said.push(new TextDecoder().decode(data)),
      closed: () => said.push("closed"),
    });
    await until("Ben watches", () => said.includes("snapshot"));
    const eve = await enter();
    const frames: readonly ClientFrame[] = [
      { type: "publish", channel: "t1", title: "T", kind: "terminal" },
      { type: "data", channel: "t1" },
      { type: "unpublish", channel: "t1" },
    ];
    for (const frame of frames) eve.send(writeFrame(frame, new TextEncoder().encode("evil")));
    eve.send("ping");
    await until("the room has seen it all", () => eve.texts.includes("pong"));
    publication.send(new TextEncoder().encode("good"));
    await until("Ben reads Ana", () => said.includes("good"));
    expect(said.filter((word) => word !== "closed")).toEqual(["snapshot", "good"]);
    await eve.close();
  });

  it.each(["viewer", "runner"])("[ROOM-8] who is a %s cannot edit by any message", async (role) => {
    const link = await server.createLink(project, role);
    const eve = await enter(link);
    const evil = updateOf((doc) => doc.getText("t").insert(0, "evil"));
    const large = updateOf((doc) => doc.getText("t").insert(0, "evil".repeat(100_000)));
    for (const update of [evil, large]) {
      eve.send(writeUpdate(update));
      eve.send(writeStep2(update));
      eve.send(writeFrame({ type: "part", last: false }, writeUpdate(update).subarray(0, 9)));
      eve.send(writeFrame({ type: "part", last: true }, writeUpdate(update).subarray(9)));
    }
    eve.send(writeFrame({ type: "mark", id: 1 }));
    const refusals = (): number => eve.heard.filter(({ kind }) => kind === "denied").length;
    await until("all of it is refused", () => refusals() === 6);
    expect(eve.heard.some((message) => message.kind === "frame" && message.json.includes("saved"))).toBe(
      false,
    );
    await typeOn();
    expect(ben.doc.getText("t").toJSON()).not.toContain("evil");
    await eve.close();
  });
});

describe("bad input", () => {
  const garbage = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) & 255);
  const nested = (): Uint8Array<ArrayBuffer> => {
    let message: Uint8Array<ArrayBuffer> = writeQueryAwareness();
    for (let depth = 0; depth < 1000; depth++) message = writeFrame({ type: "part", last: true }, message);
    return message;
  };
  const inputs: readonly (readonly [string, () => Uint8Array | string, number])[] = [
    ["an empty message", () => new Uint8Array(), 4400],
    ["garbage", () => garbage, 4400],
    ["an edit of garbage", () => writeUpdate(garbage), 4400],
    ["an edit cut short", () => writeUpdate(crumbs(100).subarray(0, 50)), 4400],
    ["text", () => "hello?", 4400],
    [
      "a frame of a type that there is not",
      () => writeFrame({ type: "sudo" } as unknown as ClientFrame),
      4400,
    ],
    [
      "a frame with a key for the prototype",
      () => new Uint8Array([4, 13, ...Buffer.from('{"__proto__":1}')]),
      4400,
    ],
    ["a message in a message in a message", nested, 4400],
    [
      "a state that nests ten thousand deep",
      () => writeAwarenessMessage(writeAwareness([{ client: 1, clock: 1, state: "[".repeat(10_000) }])),
      4400,
    ],
    [
      "a state of a megabyte",
      () => writeAwarenessMessage(writeAwareness([entry(1, 1, { a: "x".repeat(1_000_000) })])),
      4413,
    ],
    ["an edit of three million crumbs", () => writeUpdate(crumbs(3_000_000)), 4413],
    ["a message too long for the runtime", () => new Uint8Array(33 << 20), 1009],
  ];
  it.each(inputs)("[ROOM-9] ends the line: %s", async (_what, input, code) => {
    const eve = await enter();
    eve.send(input());
    expect((await eve.end()).code).toBe(code);
  });

  it("that never ends or stands still holds up nobody", async () => {
    const path = `/parties/project/${project.id}?conch=1&token=${project.token}`;
    // A request that is never finished, a frame that is announced and not sent, one that trickles in.
    const request = await openTcp(server);
    request.write("GET /parties/project/");
    const announced = await openTcp(server, path);
    announced.write(frameHead(2, 30 << 20, true));
    const trickle = await openTcp(server, path);
    trickle.write(frameHead(2, 1 << 20, true));
    for (let index = 0; index < 20; index++) trickle.write(Buffer.alloc(1));
    // A message of fragments without end: the runtime ends it.
    const endless = await openTcp(server, path);
    const fragment = Buffer.alloc(1 << 20);
    let opcode = 2;
    for (let sent = 0; sent < 40 && !endless.destroyed; sent++) {
      endless.write(frameHead(opcode, fragment.length, false));
      endless.write(fragment);
      opcode = 0;
      await sleep(1);
    }
    await until("the endless one is cut off", () => endless.destroyed || endless.readableEnded);
    await typeOn();
    for (const socket of [request, announced, trickle, endless]) socket.destroy();
  });

  it("[ROOM-25] in parts that are never finished is given up before it fills the memory", async () => {
    const eves = await Promise.all(Array.from({ length: 4 }, () => enter()));
    const part = new Uint8Array(1 << 20);
    for (const eve of eves)
      for (let index = 0; index < 24; index++) {
        eve.send(writeFrame({ type: "part", last: false }, part));
        await sleep(1);
      }
    await until("somebody has been cut off", () => eves.some(({ closed }) => closed?.code === 4508));
    await typeOn();
    for (const eve of eves) await eve.close();
  });
});

describe("a flood", () => {
  /** Says a thing again and again until the room has had enough. */
  async function flood(eve: SocketClient, message: (round: number) => Uint8Array): Promise<number> {
    let unyielded = 0;
    for (let round = 0; eve.closed === undefined && round < 30_000; round++) {
      const data = message(round);
      eve.send(data);
      // The others in this process have their say in between.
      if ((unyielded += data.length + 100) < 10_000) continue;
      unyielded = 0;
      await sleep(1);
    }
    return (await eve.end()).code;
  }

  const manyCrumbs = writeUpdate(crumbs(300_000));
  let evil = new Y.Doc();
  function typedUpdate(round: number): Uint8Array {
    if (round === 0) evil = new Y.Doc();
    const before = Y.encodeStateVector(evil);
    evil.getText("flood").insert(0, "x");
    return Y.encodeStateAsUpdate(evil, before);
  }

  const floods: readonly (readonly [string, (round: number) => Uint8Array])[] = [
    ["edits", (round) => writeUpdate(typedUpdate(round))],
    ["questions for the document", () => writeStep1(Y.encodeStateVector(new Y.Doc()))],
    ["questions for who is here", () => writeQueryAwareness()],
    [
      "cursors",
      (round) => writeAwarenessMessage(writeAwareness([entry(1, round, { x: "y".repeat(15_000) })])),
    ],
    [
      "views of a terminal",
      (round) => writeFrame({ type: round % 2 === 0 ? "watch" : "unwatch", channel: "t1" }),
    ],
    [
      "terminals",
      (round) => writeFrame({ type: "publish", channel: `c${round}`, title: "", kind: "terminal" }),
    ],
    ["crumbs", () => manyCrumbs],
  ];
  it.each(floods)("[ROOM-9] of %s ends the flooder's line alone", async (_of, message) => {
    const over = new AbortController();
    const others = (async () => {
      while (!over.signal.aborted) await typeOn();
    })();
    const eve = await enter();
    expect(await flood(eve, message)).toBe(4529);
    over.abort();
    await others;
  });

  it("[ROOM-26] of data at somebody who has stopped reading ends their line", async () => {
    const publication = ana.channels.publish("t1", { title: "T", kind: "terminal" }, () => new Uint8Array());
    const eve = await enter();
    eve.send(writeFrame({ type: "watch", channel: "t1" }));
    await until("Eve watches", () =>
      eve.heard.some((message) => message.kind === "frame" && message.json.includes("snapshot")),
    );
    const good = await enter(project, { conch: "1" });
    // Reads everything, and says so.
    good.socket.on("message", () => {
      const probe = good.heard.at(-1);
      if (probe?.kind === "frame" && probe.json.includes('"probe"'))
        good.send(writeFrame({ type: "heard", id: (JSON.parse(probe.json) as { id: string }).id }));
    });
    good.send(writeFrame({ type: "watch", channel: "t1" }));
    const chunk = new Uint8Array(512 * 1024);
    for (let sent = 0; sent < 160 && eve.closed === undefined; sent++) {
      publication.send(chunk);
      await sleep(80);
    }
    expect((await eve.end()).code).toBe(4508);
    expect(good.closed).toBeUndefined();
    await eve.close();
    await good.close();
  });
});

it("[ROOM-38] in crowds fill the room, but keep no owner out", async () => {
  const viewer = await server.createLink(project, "viewer");
  const crowd: SocketClient[] = [];
  const places = maxConnections - ownersPlaces;
  while (crowd.length < places - 2)
    crowd.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(50, places - 2 - crowd.length) }, () => enter(viewer)),
      )),
    );
  const late = await enter(viewer);
  expect((await late.end()).code).toBe(4503);
  await typeOn();
  const owner = await enter();
  await until("the owner is welcome", () => owner.heard.length > 0);
  await crowd[0]?.close();
  await owner.close();
  const next = await enter(viewer);
  await until("somebody has the place that is free again", () => next.heard.length > 0);
  await Promise.all([next, ...crowd.slice(1)].map((client) => client.close()));
});

it("[ROOM-32] whose network is gone is gone for the others within seconds", async () => {
  const eve = await enter();
  eve.send(writeAwarenessMessage(writeAwareness([entry(666, 1, {})])));
  await until("Ben sees Eve", () => ben.participants().length === 3);
  // From here on nothing comes from her, and no close either: the socket stays open.
  const started = Date.now();
  while (ben.participants().length === 3 && Date.now() - started < 60_000) await typeOn();
  expect(ben.participants().length).toBe(2);
  expect((await eve.end()).code).toBe(4508);
});

it("[ROOM-12] a state that names everybody names only those who are here", async () => {
  const eve = await enter();
  eve.send(writeQueryAwareness());
  const clients = (): number[] =>
    eve.heard.flatMap((message) =>
      message.kind === "awareness" ? readAwareness(message.update).map(({ client }) => client) : [],
    );
  await until("Eve hears of both", () =>
    [ana, ben].every(({ awareness }) => clients().includes(awareness.clientID)),
  );
  await eve.close();
});
