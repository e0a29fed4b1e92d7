// Which port the server listens on.

import { createServer } from "node:net";
import { isCode, ServerError } from "./server.ts";

const defaultPort = 8787;
/** How many ports above the default are tried before we give up. */
const attempts = 50;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (thrown) => {
      if (isCode(thrown, "EADDRINUSE")) resolve(false);
      else if (isCode(thrown, "EACCES"))
        reject(new ServerError(`PORT ${port} may not be used by you: set PORT to one above 1023.`));
      else reject(thrown);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** From PORT: that one or an error; 0 is any free one; unset is the default or the next free one. */
export async function choosePort(wish: string | undefined): Promise<number> {
  if (wish === undefined || wish === "") {
    for (let port = defaultPort; port < defaultPort + attempts; port++) if (await isFree(port)) return port;
    throw new ServerError(
      `The ports ${defaultPort} to ${defaultPort + attempts - 1} are all in use: set PORT to a free one.`,
    );
  }
  const port = Number(wish);
  if (!/^\d+$/.test(wish) || port > 65535)
    throw new ServerError(`PORT is ${JSON.stringify(wish)}: it must be a number from 0 to 65535.`);
  if (port !== 0 && !(await isFree(port)))
    throw new ServerError(`Port ${port} is in use: set PORT to a free one, or to 0 for any.`);
  return port;
}
