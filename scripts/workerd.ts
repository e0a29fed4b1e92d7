// Which workerd Miniflare starts: one that dies with us. Killed by SIGKILL, we could not stop it ourselves,
// and it would go on holding the port and the data.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheRoot } from "#rootfs/steps/cache.ts";

/** Must run before the first Miniflare starts. On systems without `setpriv` it changes nothing. */
export function tieWorkerdToThisProcess(): void {
  if (process.platform !== "linux" || process.env["MINIFLARE_WORKERD_PATH"] !== undefined) return;
  let setpriv: string;
  try {
    setpriv = execFileSync("sh", ["-c", "command -v setpriv"], { encoding: "utf8" }).trim();
  } catch {
    return;
  }
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  const workerd = createRequire(miniflare)("workerd") as { readonly default: string };
  const folder = join(cacheRoot(), "bin");
  const wrapper = join(folder, "workerd");
  mkdirSync(folder, { recursive: true });
  // Written beside and renamed: another server may be starting from it.
  const draft = `${wrapper}-${process.pid}`;
  writeFileSync(draft, `#!/bin/sh\nexec ${quote(setpriv)} --pdeathsig KILL ${quote(workerd.default)} "$@"\n`);
  chmodSync(draft, 0o755);
  renameSync(draft, wrapper);
  if (existsSync(wrapper)) process.env["MINIFLARE_WORKERD_PATH"] = wrapper;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
