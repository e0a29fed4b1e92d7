// `npm run build`: the client and the Worker, without serving them.

import { buildClient, buildWorker } from "./bundle.ts";

const [client, worker] = await Promise.all([buildClient(), buildWorker()]);
process.stdout.write(`client: ${client}\nserver: ${worker}\n`);
