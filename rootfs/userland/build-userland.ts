// The guest's userland: Debian packages merged to one tree, configured, and kept as a tar file.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Apt } from "../debian/apt.ts";
import { readControl, readPackageFiles, readPackageInfo } from "../debian/deb.ts";
import type { PackageInfo } from "../debian/deb.ts";
import type { Progress } from "../steps/progress.ts";
import type { Alternative } from "./alternatives.ts";
import { readAlternatives } from "./alternatives.ts";
import { configure } from "./configure.ts";
import { isDropped, packages } from "./packages.ts";
import { precompilePython } from "./python.ts";
import { Tree, writeTar } from "./tree.ts";

export const userlandFile = "root.tar";
const packagesFile = "packages.json";

/** A package that is in the image. */
export interface InstalledPackage extends PackageInfo {
  /** Of the .deb file. */
  readonly sha256: string;
  /** /usr/share/doc/NAME/copyright. */
  readonly copyright: string;
}

export async function readInstalledPackages(folder: string): Promise<readonly InstalledPackage[]> {
  return JSON.parse(await readFile(join(folder, packagesFile), "utf8")) as InstalledPackage[];
}

export async function buildUserland(
  folder: string,
  apt: Apt,
  progress: Progress,
  note: (text: string) => void,
): Promise<void> {
  note("fetching packages");
  const debs = await apt.downloadWithDependencies(packages);
  const tree = new Tree();
  const installed: InstalledPackage[] = [];
  const alternatives: Alternative[] = [];
  const copyrights = new Map<string, string>();
  let status = "";
  for (const [index, deb] of debs.entries()) {
    note(`unpacking ${index + 1}/${debs.length}`);
    const info = await readPackageInfo(deb);
    const control = await readControl(deb);
    alternatives.push(...readAlternatives(control.postinst));
    status += `${control.fields.replace(/\n/, "\nStatus: install ok installed\n")}\n`;
    await readPackageFiles(deb, (header, data) => {
      const path = header.name.replace(/^\.?\/+|\/+$/g, "");
      const owner = /^usr\/share\/doc\/([^/]+)\/copyright$/.exec(path)?.[1];
      if (owner !== undefined && header.type === "file") copyrights.set(owner, data.toString("utf8"));
      if (!isDropped(path)) tree.add(header, data);
    });
    const sha256 = createHash("sha256")
      .update(await readFile(deb))
      .digest("hex");
    installed.push({ ...info, sha256, copyright: "" });
  }
  note("configuring");
  configure(tree, alternatives, status);
  note("compiling Python's library");
  if (!(await precompilePython(tree)))
    progress.say(
      "  this kernel runs no 32-bit programs: Python's library stays uncompiled, its first start is slower",
    );
  note("writing");
  await writeTar(tree, join(folder, userlandFile));
  // A package without a copyright file of its own shares its source package's.
  const bySource = new Map(installed.map((item) => [item.source, copyrights.get(item.name)]));
  for (const item of installed)
    if (copyrights.has(item.name)) bySource.set(item.source, copyrights.get(item.name));
  const complete = installed.map((item) => ({
    ...item,
    copyright: copyrights.get(item.name) ?? bySource.get(item.source) ?? "",
  }));
  await writeFile(join(folder, packagesFile), JSON.stringify(complete));
}
