// Compiles the programs of rootfs/agent/ and puts them, with its scripts, where install.json says.
// Knows nothing of what they do.

import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sourceInputs } from "./steps/cache.ts";
import { run } from "./steps/process.ts";
import type { Tree } from "./userland/tree.ts";

const sources = join(import.meta.dirname, "agent");
const listFile = "install.json";

/** install.json: paths of the guest are absolute, sources are relative to rootfs/agent/. */
interface InstallList {
  /** C programs, each linked from its sources. */
  readonly programs: readonly {
    readonly to: string;
    readonly sources: readonly string[];
    readonly mode?: string;
  }[];
  /** Copied as they are. */
  readonly files: readonly { readonly to: string; readonly from: string; readonly mode?: string }[];
  readonly links?: readonly { readonly to: string; readonly target: string }[];
}

/** Static, freestanding 32-bit programs from a plain 64-bit gcc: nolibc is the whole C library. */
const compile = [
  "gcc",
  "-m32",
  "-march=i686",
  "-Os",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-static",
  "-nostdlib",
  "-nostartfiles",
  "-ffreestanding",
  "-fno-stack-protector",
  "-fno-pic",
  "-no-pie",
  "-fno-asynchronous-unwind-tables",
  "-Wl,--build-id=none",
  "-s",
] as const;

export function agentInputs(): Promise<Record<string, Uint8Array>> {
  return sourceInputs(sources);
}

/** Compiles against the kernel's headers; leaves the files in `folder` at their paths in the guest. */
export async function buildAgent(folder: string, headers: string): Promise<void> {
  const list = await readList();
  for (const program of list.programs) {
    const target = join(folder, program.to);
    await mkdir(dirname(target), { recursive: true });
    // The headers are the kernel's: their own style is none of our warnings.
    const include = ["-isystem", headers, "-include", "nolibc.h", "-I", sources];
    await run([...compile, ...include, "-o", target, ...program.sources], { cwd: sources });
    await chmod(target, parseMode(program.mode ?? "755"));
  }
  await writeFile(join(folder, listFile), JSON.stringify(list));
}

/** Adds what buildAgent left in `folder`, and the scripts, to the tree. */
export async function installAgent(tree: Tree, folder: string): Promise<void> {
  const list = JSON.parse(await readFile(join(folder, listFile), "utf8")) as InstallList;
  for (const { to, mode } of list.programs)
    tree.write(to, await readFile(join(folder, to)), parseMode(mode ?? "755"));
  for (const { to, from, mode } of list.files)
    tree.write(to, await readFile(join(sources, from)), parseMode(mode ?? "644"));
  for (const { to, target } of list.links ?? []) tree.symlink(to, target);
}

async function readList(): Promise<InstallList> {
  return JSON.parse(await readFile(join(sources, listFile), "utf8")) as InstallList;
}

function parseMode(text: string): number {
  const mode = Number.parseInt(text, 8);
  if (!/^[0-7]{3,4}$/.test(text)) throw new Error(`${listFile}: ${text} is no mode`);
  return mode;
}
