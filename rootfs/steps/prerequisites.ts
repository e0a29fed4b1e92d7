// The programs of the host that a build needs, and how they get there.

import { existsSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { run } from "./process.ts";
import type { Progress } from "./progress.ts";

/** A reason that is one sentence for the user: shown without a stack. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Debian package of each program. */
const packageOf = {
  bc: "bc",
  bison: "bison",
  flex: "flex",
  gcc: "gcc",
  lz4: "lz4",
  make: "make",
  patch: "patch",
  perl: "perl",
  xz: "xz-utils",
} as const;

/** Kernel tree 1.7 GB while it is built, packages and userland 0.6 GB, product 0.2 GB. */
const diskBytes = 3.5e9;

/** Makes sure that everything is there; as root on Debian it installs what is missing. */
export async function checkPrerequisites(root: string, progress: Progress): Promise<void> {
  for (const program of ["apt-get", "apt-config", "dpkg-deb"])
    if (!onPath(program))
      throw new BuildError(
        `The guest is built from Debian packages: ${program} is missing, so build on Debian (12 or later).`,
      );
  const missing: string[] = Object.entries(packageOf)
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name);
  // gcc alone may come without the C library's headers, which the kernel's host programs include.
  if (!existsSync("/usr/include/stdio.h")) missing.push("libc6-dev");
  if (missing.length > 0) await install(missing, progress);
  await mkdir(root, { recursive: true });
  const disk = await statfs(root);
  const free = disk.bavail * disk.bsize;
  if (free < diskBytes)
    throw new BuildError(
      `Building the guest needs ${(diskBytes / 1e9).toFixed(1)} GB in ${root}, and ${(free / 1e9).toFixed(1)} GB are free: make room or set CONCH_CACHE to another disk.`,
    );
}

async function install(names: readonly string[], progress: Progress): Promise<void> {
  const command = `apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (process.getuid?.() !== 0)
    throw new BuildError(`Building the guest needs ${names.join(", ")}: run "sudo ${command}".`);
  progress.say(`  ${command}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = (): Promise<string> =>
    run(["apt-get", "install", "-y", "--no-install-recommends", ...names], { env });
  try {
    await install();
  } catch {
    // A fresh machine has no package lists yet, an old one has stale ones.
    await run(["apt-get", "update"], { env });
    await install();
  }
}

function onPath(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}
