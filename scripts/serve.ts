// Serves what is built: `serve.ts [--client DIR] [--guest DIR]`. PORT and CONCH_DATA as README says. Builds the Worker alone.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "./bundle.ts";
import { runServer } from "./run-server.ts";

const { values } = parseArgs({
  options: { client: { type: "string" }, guest: { type: "string" } },
});

await runServer(async () => ({
  worker: await buildWorker(),
  // An empty folder: the Worker then says that there is no client.
  client: values.client ?? mkdtempSync(join(tmpdir(), "conch-no-client-")),
  ...(values.guest === undefined ? {} : { guest: values.guest }),
}));
