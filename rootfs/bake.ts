// Boots the image once under Node, warms it, and freezes it: the snapshot that every machine starts from.
// Learns on the way which blocks a first session and a boot touch.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { Engine } from "#machine/engine.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { PackFs } from "#machine/product/packfs.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { printHostState } from "#machine/product/snapshot-state.ts";
import { warmUp } from "#machine/session/warm-up.ts";
import { cmdline, memoryBytes } from "./boot.ts";
import type { Draft } from "./image/draft.ts";
import { DraftBlocks } from "./image/draft.ts";
import { moduleCode } from "./steps/module-code.ts";

export interface BakeOptions {
  readonly draft: Draft;
  /** Paths of files. */
  readonly kernel: string;
  readonly bios: string;
  readonly note: (text: string) => void;
}

export interface Bake {
  /** Blocks that were touched: by a first session, command by command, and by the boot. */
  readonly traces: readonly (readonly number[])[];
  /** v86's. */
  readonly state: ArrayBuffer;
  /** What the restoring machine needs beside it, as JSON. */
  readonly host: string;
}

/** What people do first: its blocks lie together in the packs that are fetched ahead. */
const firstSession: readonly string[] = [
  "ls -la --color=auto /project /",
  "cd /tmp && git init -q r && cd r && echo hi > a && git add a && git -c user.name=c -c user.email=c@c commit -qm a && git log --oneline && git status",
  "python3 -c 'import json, re, os, sys, pathlib, subprocess, random, math, datetime, collections, itertools, csv, sqlite3, urllib.request, argparse'",
  "printf '#include <stdio.h>\\nint main(void) { puts(\"hi\"); return 0; }\\n' > /tmp/a.c && cc -o /tmp/a /tmp/a.c && /tmp/a && echo 'all: ; @true' | make -f -",
  "seq 9 | grep 1 | sed s/1/2/ | awk '{ print $1 }' | sort | uniq -c | head | wc; find /etc -name hosts | xargs cat | cut -c1; tar -cf - /etc/hosts | gzip | wc -c; ps; df; date; echo '{}' | jq .",
  "rm -rf /tmp/r /tmp/a /tmp/a.c",
];

/** A command of the trace that takes longer hangs. */
const commandLimitMs = 240_000;

/**
 * What a snapshot depends on besides its image: everything that this module imports, as far as it runs.
 * Comments and types may change under a snapshot.
 */
export async function bakeInputs(): Promise<Record<string, Uint8Array>> {
  return {
    baking: await moduleCode(import.meta.filename),
    emulator: await readFile(emulatorFile("v86/build/v86.wasm")),
  };
}

export async function bake({ draft, kernel, bios, note }: BakeOptions): Promise<Bake> {
  const blocks = new DraftBlocks(draft);
  const lines: string[] = [];
  note("booting");
  const engine = await Engine.boot(
    {
      host: await nodeHost(),
      memoryBytes,
      base: new PackFs(blocks.manifest, blocks),
      // Empty, but with the number that the project's root has in every machine.
      project: new MemFs({ shared: true, leased: true }),
      onConsole: (line) => void lines.push(line),
    },
    { kernel: await readBuffer(kernel), bios: await readBuffer(bios), commandLine: cmdline },
  ).catch((error: unknown) => {
    throw new Error(`the guest does not boot: ${String(error)}\n${lines.join("\n")}`);
  });
  try {
    note("warming");
    await warmUp(engine.tasks, note);
    // Nothing of what the boot left in the page cache may hide what a session needs.
    await runShell(engine, "sync; echo 3 > /proc/sys/vm/drop_caches");
    const boot = blocks.takeTrace();
    const session: number[] = [];
    for (const command of firstSession) {
      note(`a first session: ${command.slice(0, 20)}…`);
      await runShell(engine, command);
      session.push(...blocks.takeTrace());
    }
    note("freezing");
    const { state, host } = await engine.snapshot();
    return { traces: [session, boot], state, host: printHostState(host) };
  } finally {
    await engine.stop("The bake is over.");
  }
}

async function runShell(engine: Engine, command: string): Promise<void> {
  let printed = "";
  const output = (_fd: 1 | 2, data: Uint8Array): void => void (printed += decodeUtf8Lossy(data));
  const task = await engine.tasks.spawn({ argv: ["bash", "-c", command] }, { output });
  const timer = setTimeout(() => void task.signal("KILL").catch(() => undefined), commandLimitMs);
  const { code, error } = await task.exit;
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`in the guest, \`${command}\` ended with ${code} ${error ?? ""}\n${printed}`);
}

async function nodeHost(): Promise<GuestHost> {
  const wasm = await WebAssembly.compile(await readFile(emulatorFile("v86/build/v86.wasm")));
  return {
    instantiate: async (imports) =>
      (await WebAssembly.instantiate(wasm, imports as WebAssembly.Imports)).exports,
  };
}

function emulatorFile(name: string): string {
  return createRequire(import.meta.url).resolve(name);
}

async function readBuffer(path: string): Promise<ArrayBuffer> {
  const data = await readFile(path);
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
}
