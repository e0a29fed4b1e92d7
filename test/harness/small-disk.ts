// A server's disk that is small (`TestServerOptions.disk`), and how it becomes full.

import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";

/** A disk of one's own needs user namespaces. */
export function mayMountDisk(): boolean {
  try {
    execFileSync("unshare", ["--map-root-user", "--mount", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Until there is no room for another page; may be called again. */
export function fillUp(filler: string): void {
  try {
    for (;;) appendFileSync(filler, Buffer.alloc(4096));
  } catch {
    // Full.
  }
}
