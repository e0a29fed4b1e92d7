// Builds the guest: userland, kernel, firmware, agent, image, snapshot. Every step is cached by what it is made from,
// so a second build costs nothing. As a program it prints the product's folder.

import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { agentInputs, buildAgent, installAgent } from "./agent.ts";
import { bake, bakeInputs } from "./bake.ts";
import type { Apt } from "./debian/apt.ts";
import { hostSuite, openApt } from "./debian/apt.ts";
import { biosFile, buildFirmware, readBiosVersion } from "./firmware.ts";
import { draftImage } from "./image/draft.ts";
import {
  buildKernel,
  kernelFile,
  kernelHeaders,
  kernelInputs,
  kernelSuite,
  readKernelInfo,
} from "./kernel/build-kernel.ts";
import { collectLicences } from "./licences.ts";
import { writeProduct } from "./product.ts";
import { cached, cacheRoot, folderBytes, keyOf, locked, sourceInputs } from "./steps/cache.ts";
import { BuildError, checkPrerequisites } from "./steps/prerequisites.ts";
import type { Progress } from "./steps/progress.ts";
import { terminalProgress } from "./steps/progress.ts";
import { buildUserland, readInstalledPackages, userlandFile } from "./userland/build-userland.ts";
import { readTar } from "./userland/tree.ts";

export interface BuildOptions {
  /** Where everything is kept; CONCH_CACHE or ~/.cache/conch where it is left out. */
  readonly cache?: string;
  /** Debian suite of the userland; the host's own where it is left out. */
  readonly suite?: string;
  readonly progress?: Progress;
}

/** Builds what is missing and returns the product's folder, the one with guest.json. */
export async function buildGuest(options: BuildOptions = {}): Promise<string> {
  const root = options.cache ?? cacheRoot();
  const progress = options.progress ?? terminalProgress();
  const suite = options.suite ?? (await hostSuite());
  const keys = await stepKeys(suite);
  const product = join(root, "guest", keys.guest);
  // Without the lock: a folder of the cache is complete or does not exist.
  if (existsSync(product)) return product;
  const waiting = (pid: number): void =>
    progress.say(`  waiting for another build of the guest (process ${pid})`);
  return locked(root, waiting, () => buildAll(root, suite, keys, progress)).catch((error: unknown) => {
    if (!/ENOSPC|No space left on device/.test(String(error))) throw error;
    throw new BuildError(`The disk of ${root} is full: make room or set CONCH_CACHE to another disk.`);
  });
}

type Step = "userland" | "kernel" | "firmware" | "agent" | "guest";

/** The cache key of every step: the sources it is made from, and the keys of the steps before it. */
async function stepKeys(suite: string): Promise<Record<Step, string>> {
  const here = import.meta.dirname;
  const userland = keyOf({ ...(await sourceInputs(join(here, "userland"))), suite });
  const kernel = keyOf({ ...kernelInputs(), suite: kernelSuite });
  const firmware = keyOf({ source: await readFile(join(here, "firmware.ts")), suite });
  const agent = keyOf({ ...(await agentInputs()), kernel });
  const image = { ...(await sourceInputs(join(here, "image"))), ...(await bakeInputs()) };
  const guest = keyOf({ ...image, userland, kernel, firmware, agent });
  return { userland, kernel, firmware, agent, guest };
}

async function buildAll(
  root: string,
  suite: string,
  keys: Record<Step, string>,
  progress: Progress,
): Promise<string> {
  const build = (
    step: Step,
    work: (folder: string, note: (text: string) => void) => Promise<void>,
  ): Promise<string> =>
    cached(root, step, keys[step], async (folder) => {
      const measured = async (note: (text: string) => void): Promise<number> => {
        await work(folder, note);
        return folderBytes(folder);
      };
      await progress.step(step, measured, (bytes) => bytes);
    });
  const apts = new Map<string, Promise<Apt>>();
  const apt = async (name: string): Promise<Apt> => {
    const folder = join(root, "apt", name);
    const opened = apts.get(name) ?? mkdir(folder, { recursive: true }).then(() => openApt(folder, name));
    apts.set(name, opened);
    return opened;
  };

  await checkPrerequisites(root, progress);
  const userland = await build("userland", async (folder, note) => {
    note("fetching package lists");
    await buildUserland(folder, await apt(suite), progress, note);
  });
  const kernel = await build("kernel", async (folder, note) =>
    buildKernel(folder, await apt(kernelSuite), note),
  );
  const firmware = await build("firmware", async (folder) => buildFirmware(folder, await apt(suite)));
  const agent = await build("agent", (folder) => buildAgent(folder, join(kernel, kernelHeaders)));
  return build("guest", async (folder, note) => {
    note("reading the userland");
    const tree = await readTar(join(userland, userlandFile));
    await installAgent(tree, agent);
    const draft = draftImage(tree);
    const paths = { kernel: join(kernel, kernelFile), bios: join(firmware, biosFile) };
    const baked = await bake({ draft, ...paths, note });
    note("packing");
    const packages = await readInstalledPackages(userland);
    const { version } = await readKernelInfo(kernel);
    await writeProduct(folder, {
      ...paths,
      draft,
      bake: baked,
      licences: collectLicences(packages, version, await readBiosVersion(firmware)),
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    process.stdout.write(`${await buildGuest()}\n`);
  } catch (error) {
    // What the user can mend is one sentence; anything else is a bug and shows where.
    process.stderr.write(
      `${error instanceof BuildError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  }
}
