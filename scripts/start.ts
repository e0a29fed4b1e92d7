// `npm start`: builds what is missing (guest, client, Worker) and serves it. A second start finds everything built.

import { buildGuest } from "#rootfs/build.ts";
import { buildClient, buildWorker } from "./bundle.ts";
import { runServer } from "./run-server.ts";

await runServer(async () => {
  const guest = await buildGuest();
  const [client, worker] = await Promise.all([buildClient(), buildWorker()]);
  return { guest, client, worker };
});
