// What every end-to-end test starts from: a real server with the real client and guest, and a real browser.
// Everything that was opened is closed at the end.

import { afterAll, beforeAll } from "vitest";
import { buildGuest } from "#rootfs/build.ts";
import { buildClient } from "#scripts/bundle.ts";
import { TestBrowser, type Visitor, type VisitOptions } from "#test/harness/browser.ts";
import { TestServer, type TestServerOptions } from "#test/harness/server.ts";
import { WorkspacePage } from "./workspace-page.ts";

export interface World {
  readonly server: TestServer;
  readonly browser: TestBrowser;
  /** A new person with a browser of their own. */
  enter(url: string, options?: VisitOptions): Promise<WorkspacePage>;
  /** Another server, stopped at the end. */
  startServer(options: TestServerOptions): Promise<TestServer>;
}

export interface WorldOptions {
  /** False: a server that has no guest product. */
  readonly guest?: boolean;
}

/** ms. The first build of the guest takes minutes; `npm test` has done it before. */
const buildLimit = 900_000;

/** The guest to test with: built if need be, or what CONCH_TEST_GUEST names while its sources are being changed. */
function guestFolder(): string | Promise<string> {
  return process.env["CONCH_TEST_GUEST"] ?? buildGuest();
}

/** The same world for all tests of a file. */
export function useWorld(options: WorldOptions = {}): World {
  let server: TestServer | undefined;
  let browser: TestBrowser | undefined;
  const visitors: Visitor[] = [];
  const others: TestServer[] = [];

  const need = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("invariant violation: the world exists inside tests only");
    return part;
  };

  beforeAll(async () => {
    const client = await buildClient();
    const guest = options.guest === false ? {} : { guest: await guestFolder() };
    server = await TestServer.start({ client, ...guest });
    browser = await TestBrowser.launch();
  }, buildLimit);

  afterAll(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser?.close();
    for (const other of others) await other.stop();
    await server?.stop();
  });

  return {
    get server() {
      return need(server);
    },
    get browser() {
      return need(browser);
    },
    enter: async (url, visit) => {
      const visitor = await need(browser).visit(url, visit);
      visitors.push(visitor);
      return new WorkspacePage(visitor);
    },
    startServer: async (wanted) => {
      const other = await TestServer.start(wanted);
      others.push(other);
      return other;
    },
  };
}
