// The configuration for production is valid and bundles, without an account and without a network.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { compatibilityDate } from "#scripts/server.ts";

const root = join(import.meta.dirname, "../..");

it("wrangler deploy --dry-run passes, with the bindings of the local server", async () => {
  const folder = await mkdtemp(join(tmpdir(), "conch-deploy-"));
  try {
    const site = join(folder, "site");
    await mkdir(site);
    await writeFile(join(site, "index.html"), "<!doctype html>");
    const { stdout } = await promisify(execFile)(
      join(root, "node_modules/.bin/wrangler"),
      ["deploy", "--dry-run", "--outdir", join(folder, "out"), "--assets", site],
      {
        cwd: root,
        env: {
          ...process.env,
          WRANGLER_SEND_METRICS: "false",
          CLOUDFLARE_CF_FETCH_ENABLED: "false",
          WRANGLER_LOG_PATH: join(folder, "log"),
          NO_COLOR: "1",
        },
      },
    );
    for (const binding of ["env.ROOMS", "env.ACCOUNTS", "env.BLOBS", "env.ASSETS"])
      expect(stdout).toContain(binding);
    expect(await readFile(join(folder, "out/index.js"), "utf8")).toContain("ProjectRoom");
    expect(await readFile(join(root, "wrangler.jsonc"), "utf8")).toContain(
      `"compatibility_date": "${compatibilityDate}"`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
