// The guest's kernel: Debian's linux-source-6.1, our fragment over tinyconfig, and our patches to its 9P client and its
// terminals.
// Also hands out the headers that freestanding guest programs are compiled against.

import { readFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readPackageInfo } from "../debian/deb.ts";
import type { Apt } from "../debian/apt.ts";
import { run } from "../steps/process.ts";

/** The suite whose kernel is 6.1: later 9P clients serve torn and stale reads (see DESIGN). */
export const kernelSuite = "bookworm";
const sourcePackage = "linux-source-6.1";

const here = import.meta.dirname;
/** In the order in which they apply. */
const patches = [
  "9p-interruptible.patch",
  "9p-strict-qid0.patch",
  "9p-lease.patch",
  "9p-times.patch",
  "9p-posix.patch",
  "9p-caller.patch",
  "tty-long-lines.patch",
];

/** What the kernel is made from, for the cache key. */
export function kernelInputs(): Record<string, Uint8Array> {
  const files = ["kernel.config", "build-kernel.ts", ...patches];
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(here, name))]));
}

/** What a build leaves in its folder. */
export const kernelFile = "bzImage";
/** Kernel and nolibc headers, i386. */
export const kernelHeaders = "include";
const infoFile = "kernel.json";

export interface KernelInfo {
  /** Of Debian's source package. */
  readonly version: string;
}

export async function readKernelInfo(folder: string): Promise<KernelInfo> {
  return JSON.parse(await readFile(join(folder, infoFile), "utf8")) as KernelInfo;
}

export async function buildKernel(folder: string, apt: Apt, note: (text: string) => void): Promise<void> {
  note("fetching the source");
  const deb = await apt.download(sourcePackage, folder);
  const { version } = await readPackageInfo(deb);
  note("unpacking");
  await run(["dpkg-deb", "-x", deb, join(folder, "deb")]);
  await run(["tar", "-xf", `deb/usr/src/${sourcePackage}.tar.xz`], { cwd: folder });
  const tree = join(folder, sourcePackage);
  for (const patch of patches) await run(["patch", "-p1", "-s", "-i", join(here, patch)], { cwd: tree });

  // Nothing of this machine and this hour goes into the image.
  const env = {
    KBUILD_BUILD_TIMESTAMP: "1970-01-01",
    KBUILD_BUILD_USER: "conch",
    KBUILD_BUILD_HOST: "conch",
  };
  const make = async (...targets: string[]): Promise<void> => {
    let compiled = 0;
    const onLine = (): void => note(`${++compiled} files`);
    await run(["make", "ARCH=i386", `-j${availableParallelism()}`, ...targets], { cwd: tree, env, onLine });
  };
  await make("tinyconfig");
  await run(["scripts/kconfig/merge_config.sh", "-m", ".config", join(here, "kernel.config")], { cwd: tree });
  await make("olddefconfig");
  await checkConfig(join(tree, ".config"));
  await make("bzImage", "headers");

  await cp(join(tree, "arch/x86/boot/bzImage"), join(folder, kernelFile));
  await cp(join(tree, "usr/include"), join(folder, kernelHeaders), { recursive: true });
  await cp(join(tree, "tools/include/nolibc"), join(folder, kernelHeaders), { recursive: true });
  const info: KernelInfo = { version };
  await writeFile(join(folder, infoFile), JSON.stringify(info));
  for (const left of [deb, join(folder, "deb"), tree]) await rm(left, { recursive: true });
}

/** Kconfig drops silently what it does not know or cannot have; a kernel that lacks it would fail much later. */
async function checkConfig(path: string): Promise<void> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const set = new Map(
    lines.flatMap((line) =>
      /^(CONFIG_\w+)=(.*)$/.exec(line) ? [line.split("=", 2) as [string, string]] : [],
    ),
  );
  for (const line of (await readFile(join(here, "kernel.config"), "utf8")).split("\n")) {
    const [, name, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
    const off = /^# (CONFIG_\w+) is not set$/.exec(line)?.[1];
    if (name !== undefined && (set.get(name) ?? "n") !== value)
      throw new Error(`kernel.config: ${line} did not take`);
    if (off !== undefined && set.has(off)) throw new Error(`kernel.config: ${off} is still set`);
  }
}
