// From the built guest to a running engine: restored from the snapshot, or booted where there is none that fits. What can
// go on at the same time does: the files come while an empty PC is made.

import type { BlobStore } from "#core/project/blobs.ts";
import type { MachineState } from "#core/machine/machine.ts";
import type { Fs } from "#machine/fs/fs.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import { Guest, type GuestHost } from "#machine/guest/guest.ts";
import type { FileWatch } from "#machine/product/file-news.ts";
import type { PackStore } from "#machine/product/pack-store.ts";
import { Product } from "#machine/product/product.ts";
import type { ProductIndex } from "#machine/product/product-index.ts";
import type { ProductSource } from "#machine/product/product-source.ts";
import type { ProgramRunner } from "#machine/task/program-runner.ts";
import { Engine, type EngineOptions } from "./engine.ts";

export interface EngineStart {
  readonly product: ProductSource;
  /** What is mounted at /project. */
  readonly project: Fs;
  /** Keeps what programs display. */
  readonly blobs: BlobStore;
  readonly host: GuestHost;
  /** Another size than the snapshot's means a cold boot. */
  readonly memoryBytes?: number;
  /** What must be there before the guest may look at /project. */
  readonly ready?: Promise<unknown>;
  /** What an earlier machine has changed of the image that this product has. */
  readonly kept?: (product: ProductIndex) => Promise<OverlayState | undefined>;
  readonly now?: () => number;
  readonly onConsole?: (line: string) => void;
  /** Makes what runs WebAssembly tasks, over the guest's namespace as the host sees it. */
  readonly runner?: (namespace: Fs) => ProgramRunner;
  readonly onDeath: (reason: string) => void;
  /** Hears of files of the image that somebody waits for. */
  readonly watch?: FileWatch;
  /** Hears what the start is at. */
  readonly enter: (state: MachineState) => void;
  /** Whether nobody waits for this start any more. */
  readonly abandoned: () => boolean;
}

export interface StartedEngine {
  readonly engine: Engine;
  readonly packs: PackStore;
  readonly product: ProductIndex;
}

export async function startEngine(start: EngineStart): Promise<StartedEngine> {
  const { enter } = start;
  let fetching = true;
  const product = await Product.open(start.product, (loaded, total) => {
    if (fetching) enter({ kind: "fetching", loaded, total });
  });
  const memoryBytes = start.memoryBytes ?? product.index.memoryBytes;
  const restores = product.hasSnapshot(memoryBytes);
  // At once, and given away below: the longest of what does not depend on anything else.
  const blank = restores ? Guest.blank({ host: start.host, memoryBytes }) : undefined;
  try {
    const opening = product.image(start.watch);
    const boot = restores ? undefined : product.bootFiles();
    const snapshot = restores ? product.snapshot() : undefined;
    // A start that fails earlier does not come to wait for them.
    for (const part of [boot, snapshot]) part?.catch(() => undefined);
    const { fs, packs } = await opening;
    const kept = start.kept?.(product.index);
    kept?.catch(() => undefined);
    const options = { ...engineOptions(start, memoryBytes, fs), ...(kept === undefined ? {} : { kept }) };
    if (blank !== undefined && snapshot !== undefined) {
      const { state, host } = await snapshot;
      enter({ kind: "restoring" });
      try {
        const engine = await Engine.restore(options, await blank, state, host());
        return { engine, packs, product: product.index };
      } catch (error) {
        // A cold boot takes seconds longer but needs nothing of the snapshot.
        start.onConsole?.(`conch: the snapshot does not restore: ${String(error)}`);
        if (start.abandoned()) throw error;
        fetching = false;
        await (await blank).stop();
      }
    }
    const files = await (boot ?? product.bootFiles());
    await start.ready;
    enter({ kind: "booting" });
    const commandLine = product.commandLine(memoryBytes);
    return { engine: await Engine.boot(options, { ...files, commandLine }), packs, product: product.index };
  } catch (error) {
    // Where it went to an engine, that has ended it already.
    await blank?.then((guest) => guest.stop()).catch(() => undefined);
    throw error;
  }
}

function engineOptions(start: EngineStart, memoryBytes: number, base: Fs): EngineOptions {
  const { host, project, blobs, ready, now, onConsole, onDeath, runner } = start;
  return {
    host,
    memoryBytes,
    base,
    project,
    blobs,
    onDeath,
    ...(ready === undefined ? {} : { ready }),
    ...(now === undefined ? {} : { now }),
    ...(onConsole === undefined ? {} : { onConsole }),
    ...(runner === undefined ? {} : { runner }),
  };
}
