// Serves what is built: `serve.ts [--client DIR] [--guest DIR]`. PORT and CONCH_DATA as README says. Builds the Worker alone.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheRoot } from "#rootfs/steps/cache.ts";
import { buildWorker } from "./bundle.ts";
import { runServer } from "./run-server.ts";

const { values } = parseArgs({
  options: { client: { type: "string" }, guest: { type: "string" } },
});

/** Without a client the Worker says so; it needs a folder all the same. */
function emptyFolder(): string {
  const folder = join(cacheRoot(), "no-client");
  mkdirSync(folder, { recursive: true });
  return folder;
}

await runServer(async () => ({
  worker: await buildWorker(),
  client: values.client ?? emptyFolder(),
  ...(values.guest === undefined ? {} : { guest: values.guest }),
}));
