// What the sections of a bench measure on, made when the first of them asks for it: the built guest and client, a
// server, a browser, projects with people in them.

import { buildGuest } from "#rootfs/build.ts";
import { buildClient } from "#scripts/bundle.ts";
import { WorkspacePage } from "#test/e2e/workspace-page.ts";
import { TestBrowser } from "#test/harness/browser.ts";
import { TestServer } from "#test/harness/server.ts";

export class Stage {
  #guest: Promise<string> | undefined;
  #server: Promise<TestServer> | undefined;
  #browser: Promise<TestBrowser> | undefined;

  /** The folder of the built guest. */
  guest(): Promise<string> {
    // CONCH_TEST_GUEST: as in the end-to-end tests, a guest that is built already.
    this.#guest ??= Promise.resolve(process.env["CONCH_TEST_GUEST"] ?? buildGuest());
    return this.#guest;
  }

  server(): Promise<TestServer> {
    this.#server ??= (async () =>
      TestServer.start({ client: await buildClient(), guest: await this.guest() }))();
    return this.#server;
  }

  /** Does the work with so many people in a fresh project, each in a browser profile of their own. */
  async with<T>(people: number, work: (...people: WorkspacePage[]) => Promise<T>): Promise<T> {
    const project = await (await this.server()).createProject({ name: "bench" });
    this.#browser ??= TestBrowser.launch();
    const browser = await this.#browser;
    const inside: WorkspacePage[] = [];
    try {
      while (inside.length < people) inside.push(new WorkspacePage(await browser.visit(project.url)));
      return await work(...inside);
    } finally {
      // Their machines would take processors away from what is measured next.
      for (const person of inside) await person.visitor.close();
    }
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
    await (await this.#server)?.stop();
  }
}
