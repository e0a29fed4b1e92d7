// The room's contract where it really runs: a Durable Object in workerd, over real WebSockets.

import { afterAll, beforeAll, describe, it } from "vitest";
import { roomContract, type RoomUnderTest } from "../contracts/room.ts";
import { TestServer } from "../harness/server.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { until } from "../harness/until.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

async function overSockets(): Promise<RoomUnderTest> {
  const project = await server.createProject();
  const links = new Map([["owner", project]]);
  return {
    join: async (who, { role = "editor", conch = true, epoch } = {}) => {
      const link = links.get(role) ?? (await server.createLink(project, role));
      links.set(role, link);
      const query = new URLSearchParams({ token: link.token, person: `key-of-${who}`, name: who });
      if (conch) query.set("conch", "1");
      if (epoch !== undefined) query.set("epoch", epoch);
      return await SocketClient.join(`${server.rooms}/${project.id}?${query}`);
    },
    drop: async (client) => {
      if (client instanceof SocketClient) client.leave();
    },
    restart: async () => {
      await server.kill();
      await server.start();
    },
    until,
  };
}

describe("a room in workerd", () => {
  for (const { name, run } of roomContract) it(name, async () => await run(await overSockets()));
});
