// Sessions for tests: real ones, with the WebSocket of the package ws.

import { WebSocket } from "ws";
import { personFromSeed } from "#sync/person.ts";
import { Session } from "#sync/session.ts";
import type { TestProject, TestServer } from "./server.ts";

export function openSession(server: TestServer, project: TestProject, who: string): Session {
  return new Session({
    server: server.origin,
    projectId: project.id,
    token: project.token,
    person: { ...personFromSeed(`test-person-${who}`), name: who },
    WebSocket,
  });
}
