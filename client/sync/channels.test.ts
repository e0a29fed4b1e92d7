import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { RoomFrame } from "#core/room/frames.ts";
import { ManualClock, settle } from "#test/harness/manual-clock.ts";
import { RoomChannels, type ChannelEvents, type Publication } from "./channels.ts";

let clock: ManualClock;
let channels: RoomChannels;
/** What was sent to the room: the frame's type, channel and text. */
let sent: string[];
/** What a watcher has heard. */
let heard: string[];

const about = { title: "Terminal 1", kind: "terminal", size: { cols: 80, rows: 24 } } as const;
const person = { id: "p", name: "Ben", color: "coral" };

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  heard = [];
  channels = new RoomChannels({
    clock,
    send: (frame, bytes) => {
      const channel = "channel" in frame ? ` ${frame.channel}` : "";
      sent.push(`${frame.type}${channel}${bytes === undefined ? "" : ` ${decodeUtf8Lossy(bytes)}`}`);
    },
    stream: "me",
  });
});
afterEach(() => {
  channels.destroy();
  expect(clock.waiting).toBe(0);
});

function receive(frame: RoomFrame, text = ""): void {
  channels.receive(frame, encodeUtf8(text));
}

const watcher: ChannelEvents = {
  snapshot: (data) => heard.push(`snapshot ${decodeUtf8Lossy(data)}`),
  data: (data) => heard.push(`data ${decodeUtf8Lossy(data)}`),
  closed: () => heard.push("closed"),
  offered: (offered) => heard.push(`offered ${offered}`),
  connected: (connected) => heard.push(`connected ${connected}`),
  lost: (bytes) => heard.push(`lost ${bytes}`),
};

function publish(screen: () => string = () => "$ "): Publication {
  return channels.publish("t", about, () => encodeUtf8(screen()));
}

const taken = (): string[] => sent.splice(0);

describe("a channel that is published", () => {
  it("[ROOM-18] sends nothing before somebody watches, and the snapshot first", () => {
    const publication = publish();
    publication.send(encodeUtf8("unseen"));
    receive({ type: "watcher", channel: "t", id: "c1" });
    publication.close();
    expect(sent).toEqual(["publish t", "snapshot t $ ", "unpublish t"]);
  });

  it("collects output into one message, for eight milliseconds or 64 KiB", async () => {
    const publication = publish();
    receive({ type: "watcher", channel: "t", id: "c1" });
    taken();
    for (const piece of ["l", "s", "\n"]) publication.send(encodeUtf8(piece));
    await clock.pass(7);
    expect(sent).toEqual([]);
    await clock.pass(1);
    expect(taken()).toEqual(["data t ls\n"]);
    publication.send(new Uint8Array(64 * 1024));
    expect(taken()).toHaveLength(1);
  });

  it("sends what it has collected before a snapshot that holds it", async () => {
    let screen = "";
    const publication = publish(() => screen);
    receive({ type: "watcher", channel: "t", id: "c1" });
    taken();
    screen = "abc";
    publication.send(encodeUtf8("abc"));
    receive({ type: "watcher", channel: "t", id: "c2" });
    await clock.pass(8);
    expect(sent).toEqual(["data t abc", "snapshot t abc"]);
  });

  it("sends what it has collected before it is closed, and nothing afterwards", async () => {
    const publication = publish();
    receive({ type: "watcher", channel: "t", id: "c1" });
    publication.send(encodeUtf8("last"));
    publication.close();
    publication.close();
    publication.send(encodeUtf8("more"));
    publication.offer(true);
    await clock.pass(100);
    expect(taken().slice(2)).toEqual(["data t last", "unpublish t"]);
    publish().close();
    expect(taken()).toEqual(["publish t", "unpublish t"]);
  });

  it("[ROOM-20] is announced again on every connection, and its watchers begin anew", async () => {
    const publication = publish();
    publication.offer(true);
    receive({ type: "watcher", channel: "t", id: "c1" });
    publication.send(encodeUtf8("on its way"));
    channels.down();
    publication.send(encodeUtf8("meanwhile"));
    await clock.pass(100);
    taken();
    channels.welcome();
    expect(taken()).toEqual(["publish t"]);
    publication.send(encodeUtf8("unseen"));
    await clock.pass(100);
    expect(sent).toEqual([]);
  });

  it("is published once", () => {
    publish();
    expect(publish).toThrow("published twice");
  });

  it("[ROOM-33] takes what is typed only while it is offered", async () => {
    const typed: string[] = [];
    const publication = channels.publish(
      "t",
      { ...about, onInput: (data, from) => void typed.push(`${from.name}: ${decodeUtf8Lossy(data)}`) },
      () => new Uint8Array(),
    );
    const input = { type: "input", channel: "t", from: person } as const;
    receive(input, "too early");
    publication.offer(true);
    publication.offer(true);
    receive(input, "ls\n");
    // [ROOM-39] One that comes again is taken once, and answered again.
    const piece = { ...input, id: "c2", stream: "ben", at: 0 } as const;
    receive(piece, "x");
    receive(piece, "x");
    publication.offer(false);
    receive({ ...piece, at: 1 }, "too late");
    await settle();
    expect(typed).toEqual(["Ben: ls\n", "Ben: x"]);
    expect(taken()).toEqual(["publish t", "offer t", "offer t", "taken t", "taken t"]);
  });
});

describe("a channel that is watched", () => {
  it("is asked for by each watcher, and left by the last one", () => {
    const first = channels.watch("t", watcher);
    const second = channels.watch("t", watcher);
    receive({ type: "snapshot", channel: "t" }, "$ ");
    expect(heard).toEqual(["snapshot $ ", "snapshot $ "]);
    first();
    first();
    receive({ type: "data", channel: "t" }, "ls");
    second();
    receive({ type: "data", channel: "t" }, "unheard");
    expect(heard.slice(2)).toEqual(["data ls"]);
    expect(sent).toEqual(["watch t", "watch t", "unwatch t"]);
  });

  it("[ROOM-19] is watched on after its end, and on every connection", () => {
    channels.watch("t", watcher);
    receive({ type: "closed", channel: "t" });
    channels.down();
    channels.welcome();
    receive({ type: "snapshot", channel: "t" }, "again");
    expect(heard).toEqual(["closed", "connected false", "connected true", "snapshot again"]);
    expect(sent).toEqual(["watch t", "watch t"]);
  });

  it("[ROOM-40] takes no keys without a connection, and sends again what was not taken", () => {
    channels.watch("t", watcher);
    const type = (text: string): boolean => channels.input("t", encodeUtf8(text));
    expect(type("not offered")).toBe(false);
    receive({ type: "offered", channel: "t", offered: true });
    expect(type("a")).toBe(true);
    channels.down();
    expect(type("b")).toBe(false);
    channels.welcome();
    receive({ type: "offered", channel: "t", offered: true });
    // Another's answer is not ours.
    receive({ type: "taken", channel: "t", stream: "somebody", next: 1 });
    expect(type("c")).toBe(true);
    expect(taken()).toEqual(["watch t", "input t a", "watch t", "input t a", "input t c"]);
    receive({ type: "taken", channel: "t", stream: "me", next: 1 });
    receive({ type: "offered", channel: "t", offered: false });
    expect(heard.at(-1)).toBe("lost 1");
    expect(channels.input("elsewhere", encodeUtf8("x"))).toBe(false);
  });
});
