// SeaBIOS from Debian: a cold boot needs it, a restored machine does not.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Apt } from "./debian/apt.ts";
import { readPackageFiles, readPackageInfo } from "./debian/deb.ts";

export const biosFile = "bios.bin";
const infoFile = "bios.json";

export async function buildFirmware(folder: string, apt: Apt): Promise<void> {
  const deb = await apt.download("seabios", folder);
  const { version } = await readPackageInfo(deb);
  let bios: Buffer | undefined;
  await readPackageFiles(deb, (header, data) => {
    if (header.name.endsWith("usr/share/seabios/bios.bin")) bios = data;
  });
  if (bios === undefined) throw new Error("Debian's seabios has no bios.bin");
  await writeFile(join(folder, biosFile), bios);
  await writeFile(join(folder, infoFile), JSON.stringify({ version }));
  await rm(deb);
}

export async function readBiosVersion(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, infoFile), "utf8")) as { version: string }).version;
}
