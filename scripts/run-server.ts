// A server as a program: starts, says where it is, stops when it is told to. What can be mended is one sentence.

import { resolve } from "node:path";
import { BuildError } from "#rootfs/steps/prerequisites.ts";
import { choosePort } from "./port.ts";
import { ServerError, startServer, type ServerOptions } from "./server.ts";

/** When stopping takes longer, it is not waited for. */
const stopMilliseconds = 1800;

type Built = Omit<ServerOptions, "data" | "port">;

export async function runServer(build: () => Promise<Built>): Promise<void> {
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
  process.env["WRANGLER_SEND_METRICS"] = "false";
  let stop: (() => Promise<void>) | undefined;
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), stopMilliseconds).unref();
    void (stop?.() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  try {
    // Before anything is built: a taken port should not cost minutes.
    const port = await choosePort(process.env["PORT"]);
    const built = await build();
    const data = resolve(process.env["CONCH_DATA"] ?? ".conch");
    const server = await startServer({ ...built, data, port });
    stop = () => server.stop();
    process.stdout.write(`Conch is ready at ${server.origin}\n`);
  } catch (thrown) {
    process.stderr.write(
      thrown instanceof ServerError || thrown instanceof BuildError
        ? `${thrown.message}\n`
        : `${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
    );
    process.exit(1);
  }
}
