// `npm run bench`: what Conch costs, as one table of ratios, each measured in this run. Fails on nothing but errors.

import { buildGuest } from "#rootfs/build.ts";
import { buildClient } from "#scripts/bundle.ts";
import { WorkspacePage } from "#test/e2e/workspace-page.ts";
import { TestBrowser } from "#test/harness/browser.ts";
import { TestServer } from "#test/harness/server.ts";
import { measureFiles } from "./guest-files.ts";
import { measureStart } from "./node-machine.ts";
import { measureCell, measureKeystroke, measureLongTask, measureOpening } from "./pages.ts";
import { printTable, type Line } from "./table.ts";

// CONCH_TEST_GUEST: as in the end-to-end tests, a guest that is built already.
const guest = process.env["CONCH_TEST_GUEST"] ?? (await buildGuest());
const client = await buildClient();
const server = await TestServer.start({ client, guest });
const browser = await TestBrowser.launch();
const lines: Line[] = [];

async function measure(what: string, work: () => Promise<Line | readonly Line[]>): Promise<void> {
  process.stderr.write(`${what} …\n`);
  const result = await work();
  if ("what" in result) lines.push(result);
  else lines.push(...result);
}

try {
  await measure("starting a machine", () => measureStart(guest));
  const project = await server.createProject({ name: "bench" });
  const enter = async (): Promise<WorkspacePage> => new WorkspacePage(await browser.visit(project.url));
  const ana = await enter();
  await measure("opening a project", () => measureOpening(ana));
  const ben = await enter();
  await ben.ready();
  await measure("running a cell", () => measureCell(ana));
  await measure("typing together", () => measureKeystroke(ana, ben));
  await measure("keeping the page responsive", () => measureLongTask(ana));
  await measure("files", () => measureFiles(ana));
  process.stdout.write(`${printTable(lines)}\n`);
} finally {
  await browser.close();
  await server.stop();
}
