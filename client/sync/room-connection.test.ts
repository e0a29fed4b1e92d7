import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock, settle } from "#test/harness/manual-clock.ts";
import { type MemorySocket, memorySockets } from "#test/harness/memory-socket.ts";
import { RoomConnection } from "./room-connection.ts";

let clock: ManualClock;
let sockets: MemorySocket[];
let states: string[];
let heard: Uint8Array[];
/** What the next requests for an address say; "" for one that never answers. */
let addresses: (string | Error)[];
let requests: boolean[];
let network: (online: boolean) => void;
let connection: RoomConnection;

beforeEach(async () => {
  clock = new ManualClock();
  sockets = [];
  states = [];
  heard = [];
  addresses = [];
  requests = [];
  connect();
  await settle();
});
afterEach(() => {
  connection.destroy();
  expect(clock.waiting).toBe(0);
});

function connect(): void {
  connection = new RoomConnection({
    address: (newToken) => {
      requests.push(newToken);
      const address = addresses.shift() ?? "ws://room.test";
      if (address instanceof Error) return Promise.reject(address);
      return address === "" ? new Promise(() => undefined) : Promise.resolve(address);
    },
    WebSocket: memorySockets((socket) => sockets.push(socket)),
    clock,
    random: () => 0.5,
    watchNetwork: (onChange) => {
      network = onChange;
      return () => undefined;
    },
    onState: ({ kind }) => states.push(kind),
    onMessage: (data) => heard.push(data),
  });
}

const socket = (): MemorySocket => sockets.at(-1)!;

function join(): void {
  socket().open();
  socket().deliver(Uint8Array.of(1));
  connection.welcomed();
}

describe("a connection", () => {
  it("opens, joins, carries messages both ways, and ends", () => {
    expect(connection.send(Uint8Array.of(1))).toBe(false);
    join();
    expect(states).toEqual(["opening", "joining", "joined"]);
    expect(connection.send(Uint8Array.of(7))).toBe(true);
    expect(socket().sent).toEqual([Uint8Array.of(7)]);
    expect(heard).toEqual([Uint8Array.of(1)]);
    connection.destroy();
    expect([socket().closed, connection.send(Uint8Array.of(8))]).toEqual([true, false]);
    expect(states.at(-1)).toBe("ended");
  });

  it("comes back after a loss, and hears nothing of the old socket", async () => {
    join();
    const first = socket();
    first.end();
    expect(connection.state).toMatchObject({ kind: "waiting", offlineSince: clock.now() });
    await clock.pass(100);
    expect(sockets).toHaveLength(2);
    join();
    first.deliver(Uint8Array.of(9));
    first.end();
    expect(connection.state.kind).toBe("joined");
    expect(heard).toHaveLength(2);
  });

  it("[CONN-4] comes back at once when the network returns", async () => {
    for (let attempt = 0; attempt < 4; attempt++) {
      socket().end();
      await clock.pass(800);
    }
    const { length } = sockets;
    socket().end();
    network(true);
    await settle();
    expect(sockets).toHaveLength(length + 1);
  });
});

describe("[CONN-2] a wait for the server has a limit:", () => {
  it("a request for a token that is never answered", async () => {
    socket().end();
    addresses = ["", ""];
    await clock.pass(100);
    expect(connection.state.kind).toBe("requesting");
    await clock.pass(14_999);
    expect(connection.state.kind).toBe("requesting");
    await clock.pass(1);
    expect(connection.state).toMatchObject({ kind: "waiting", failures: 2 });
    await clock.pass(15_200);
    expect(connection.state).toMatchObject({ kind: "waiting", failures: 3 });
    await clock.pass(400);
    join();
    expect(connection.state.kind).toBe("joined");
  });

  it("an answer that comes too late opens nothing", async () => {
    let answer: (url: string) => void = () => undefined;
    connection.destroy();
    connection = new RoomConnection({
      address: () => new Promise((resolve) => (answer = resolve)),
      WebSocket: memorySockets((each) => sockets.push(each)),
      clock,
      random: () => 0.5,
      watchNetwork: () => () => undefined,
      onState: () => undefined,
      onMessage: () => undefined,
    });
    await clock.pass(15_000);
    answer("ws://late.test");
    await settle();
    expect(sockets.map(({ url }) => url)).toEqual(["ws://room.test"]);
    expect(connection.state.kind).toBe("waiting");
  });

  it("a socket that neither opens nor closes", async () => {
    await clock.pass(10_000);
    expect([connection.state.kind, socket().closed]).toEqual(["waiting", true]);
  });

  it("[CONN-1] a server that answers every ping and never says welcome", async () => {
    // Its pongs are no success: the waits grow.
    for (const wait of [100, 200, 400]) {
      socket().open();
      for (let second = 0; second < 30; second++) {
        expect(connection.state.kind).toBe("joining");
        await clock.pass(1000);
        if (socket().sent.splice(0).includes("ping")) socket().deliver("pong");
      }
      expect(connection.state).toMatchObject({ kind: "waiting", wait });
      await clock.pass(wait);
    }
    expect(states).not.toContain("joined");
  });
});

describe("[CONN-3] a silent connection", () => {
  it("is asked after five seconds, and lost eight seconds later", async () => {
    join();
    await clock.pass(4999);
    expect(socket().sent).toEqual([]);
    await clock.pass(1);
    expect(socket().sent).toEqual(["ping"]);
    await clock.pass(7999);
    expect(connection.state.kind).toBe("joined");
    await clock.pass(1);
    expect(connection.state.kind).toBe("waiting");
  });

  it("stays as long as anything is heard", async () => {
    join();
    for (let round = 0; round < 10; round++) {
      await clock.pass(6000);
      socket().deliver("pong");
    }
    expect(connection.state).toEqual({ kind: "joined", liveness: { kind: "heard" } });
    expect(socket().sent).toHaveLength(10);
  });

  it("is not asked while others speak", async () => {
    join();
    for (let round = 0; round < 10; round++) {
      await clock.pass(3000);
      socket().deliver(Uint8Array.of(2));
    }
    expect(socket().sent).toEqual([]);
  });

  it("is asked at once where the computer loses its network, and lost two seconds later", async () => {
    join();
    network(false);
    expect(socket().sent).toEqual(["ping"]);
    await clock.pass(2000);
    expect(connection.state.kind).toBe("waiting");
  });

  it("stays where the browser was wrong about the network", async () => {
    join();
    network(false);
    await clock.pass(1000);
    socket().deliver("pong");
    await clock.pass(3000);
    expect(connection.state.kind).toBe("joined");
  });

  it("is lost where its socket closes without an end", async () => {
    join();
    socket().readyState = 2;
    await clock.pass(5000);
    expect(connection.state.kind).toBe("waiting");
  });
});

describe("[CONN-5] a refusal", () => {
  const end = { code: 4401, reason: "This access has ended." };

  it("of the token is answered by another token, once", async () => {
    join();
    connection.closed(end.code, end.reason);
    await settle();
    expect(requests).toEqual([false, true]);
    socket().open();
    socket().end(end.code, end.reason);
    expect(connection.state).toEqual({ kind: "refused", ...end });
    await clock.pass(60_000);
    expect(requests).toHaveLength(2);
  });

  it("by the server, asked for a token, is the end", async () => {
    addresses = [Object.assign(new Error("This link was withdrawn."), { code: 4401 })];
    socket().end();
    await clock.pass(60_000);
    expect(connection.state).toMatchObject({ kind: "refused", reason: "This link was withdrawn." });
    expect(requests).toHaveLength(2);
  });

  it("for now is none", async () => {
    join();
    connection.closed(4529, "Too fast.");
    await clock.pass(100);
    expect(sockets).toHaveLength(2);
  });

  it("is heard where the server could not be reached before", async () => {
    addresses = [new Error("no network"), new Error("no network")];
    socket().end();
    await clock.pass(1000);
    join();
    connection.closed(4403, "You were removed.");
    expect(states.slice(-2)).toEqual(["joined", "refused"]);
  });
});
