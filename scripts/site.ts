// `npm run site`: client and guest product in one folder, dist/site, as `wrangler deploy` uploads it.

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { unpackedSuffix } from "#machine/product/product-index.ts";
import { buildGuest } from "#rootfs/build.ts";
import { buildClient } from "./bundle.ts";

const site = join(import.meta.dirname, "../dist/site");
await rm(site, { recursive: true, force: true });
await cp(await buildClient(), site, { recursive: true });
await cp(await buildGuest(), join(site, "guest"), {
  recursive: true,
  filter: (path) => !path.endsWith(unpackedSuffix),
});
process.stdout.write(`${site}\n`);
