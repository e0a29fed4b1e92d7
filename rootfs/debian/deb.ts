// A .deb file: its control fields and its files. Knows nothing of what they are for.

import type { Header } from "tar-stream";
import tar from "tar-stream";
import { pipeFrom, run } from "../steps/process.ts";

export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  /** "name (version)" of the source package. */
  readonly source: string;
}

export async function readPackageInfo(deb: string): Promise<PackageInfo> {
  const output = await run([
    "dpkg-deb",
    "-W",
    "--showformat=${Package}\t${Version}\t${source:Package} (${source:Version})",
    deb,
  ]);
  const [name = "", version = "", source = ""] = output.trim().split("\t");
  return { name, version, source };
}

export interface Control {
  /** The control file as it is. */
  readonly fields: string;
  /** The script that would run after unpacking; "" where there is none or it is no shell script. */
  readonly postinst: string;
}

export async function readControl(deb: string): Promise<Control> {
  const { stdout, done } = pipeFrom(["dpkg-deb", "--ctrl-tarfile", deb]);
  const texts = new Map<string, string>();
  const extract = tar.extract();
  stdout.pipe(extract);
  for await (const entry of extract)
    texts.set(entry.header.name.replace(/^\.\//, ""), (await readEntry(entry)).toString("utf8"));
  await done;
  return { fields: texts.get("control") ?? "", postinst: texts.get("postinst") ?? "" };
}

/** Calls `onFile` for every member of the package, in order, with its contents. */
export async function readPackageFiles(
  deb: string,
  onFile: (header: Header, data: Buffer) => void,
): Promise<void> {
  const { stdout, done } = pipeFrom(["dpkg-deb", "--fsys-tarfile", deb]);
  const extract = tar.extract();
  stdout.pipe(extract);
  for await (const entry of extract) {
    onFile(entry.header, await readEntry(entry));
  }
  await done;
}

async function readEntry(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of entry) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
