// The machine itself: gets the built guest, restores it from its snapshot (or boots it where there is none), runs tasks.
// The same in a browser's worker and in Node; knows neither: both pass in what they have.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import type { Fs } from "#machine/fs/fs.ts";
import { gunzip } from "#machine/fs/packfs/gunzip.ts";
import { readManifest } from "#machine/fs/packfs/manifest.ts";
import { PackStore } from "#machine/fs/packfs/pack-store.ts";
import { PackFs } from "#machine/fs/packfs/packfs.ts";
import {
  type GuestProduct,
  type ProductFile,
  productIndexFile,
  readGuestProduct,
} from "#machine/fs/packfs/product.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { Sessions } from "#machine/task/sessions.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { parseHostState } from "./host-state.ts";
import type { CellSpec, Machine, MachineState, SessionKind, Task, TaskEvents, TaskSpec } from "./machine.ts";
import type { ProductSource } from "./product-source.ts";

export interface LocalMachineOptions {
  readonly product: ProductSource;
  /** What is mounted at /project; it outlives the machine. */
  readonly project: Fs;
  readonly host: GuestHost;
  /** Another size than the snapshot's means a cold boot. */
  readonly memoryBytes?: number;
  /** For people, soon after the start: fetch what a first session touches, and have the cells' programs rehearse. */
  readonly prefetch?: boolean;
  /** What must be there before the guest may look at /project. */
  readonly ready?: Promise<unknown>;
  readonly now?: () => number;
  /** Each line of the guest's console, for diagnosis. */
  readonly onConsole?: (line: string) => void;
}

/** Fetched in parallel with a person's first prompt, hot packs delay it by seconds on a slow line. */
const prefetchDelayMilliseconds = 1500;

interface Running {
  readonly engine: Engine;
  readonly sessions: Sessions;
}

export class LocalMachine implements Machine {
  readonly #options: LocalMachineOptions;
  readonly #changes = new Emitter<MachineState>();
  #state: MachineState = { kind: "off" };
  #starting: Promise<Running> | undefined;
  /** Counts starts: what an earlier one still brings is dropped. */
  #life = 0;
  #prefetchTimer: unknown;

  constructor(options: LocalMachineOptions) {
    this.#options = options;
  }

  get state(): MachineState {
    return this.#state;
  }

  onState(listener: (state: MachineState) => void): Disposer {
    return this.#changes.on(listener);
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async stop(): Promise<void> {
    const starting = this.#starting;
    this.#life++;
    this.#starting = undefined;
    clearTimeout(this.#prefetchTimer);
    this.#setState({ kind: "off" });
    const running = await starting?.catch(() => undefined);
    await running?.engine.stop("The machine was stopped.");
  }

  async spawn(spec: TaskSpec, events: TaskEvents): Promise<Task> {
    return (await this.#running()).engine.tasks.spawn(spec, events);
  }

  async runCell(spec: CellSpec, events: TaskEvents): Promise<Task> {
    return (await this.#running()).sessions.runCell(spec, events);
  }

  async restartSession(kind: SessionKind, session: string): Promise<void> {
    const running = await this.#starting?.catch(() => undefined);
    await running?.sessions.restart(kind, session);
  }

  #running(): Promise<Running> {
    this.#starting ??= this.#start(++this.#life);
    return this.#starting;
  }

  async #start(life: number): Promise<Running> {
    try {
      const engine = await this.#startEngine(life);
      if (life !== this.#life) {
        await engine.stop("The machine was stopped.");
        throw new Error("The machine was stopped while it started.");
      }
      this.#setState({ kind: "running" });
      return { engine, sessions: new Sessions(engine.tasks) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (life === this.#life) {
        this.#starting = undefined;
        this.#setState({ kind: "failed", reason });
      }
      throw new Error(reason, { cause: error });
    }
  }

  async #startEngine(life: number): Promise<Engine> {
    const { product: source, memoryBytes: wantedMemory } = this.#options;
    const enter = (state: MachineState): void => {
      if (life === this.#life) this.#setState(state);
    };
    enter({ kind: "fetching", loaded: 0, total: 0 });
    const product = readGuestProduct(decodeUtf8Lossy(await source.read(productIndexFile)));
    const memoryBytes = wantedMemory ?? product.memoryBytes;
    const snapshot = memoryBytes === product.memoryBytes ? product.snapshot : undefined;

    const files: readonly ProductFile[] = snapshot
      ? [product.manifest, snapshot.state, snapshot.host]
      : [product.manifest, product.kernel, product.bios];
    const fetched = await this.#fetchAll(files, enter);
    const manifest = readManifest(decodeUtf8Lossy(await gunzip(bytesOf(fetched, product.manifest))));
    await this.#options.ready;
    const packs = new PackStore(manifest, (hash) => source.read(`${product.packs}/${hash}`));
    const options: EngineOptions = {
      host: this.#options.host,
      memoryBytes,
      base: new PackFs(manifest, packs),
      project: this.#options.project,
      ...(this.#options.now === undefined ? {} : { now: this.#options.now }),
      ...(this.#options.onConsole === undefined ? {} : { onConsole: this.#options.onConsole }),
      onDeath: (reason) => this.#onDeath(life, reason),
    };

    if (snapshot !== undefined) {
      enter({ kind: "restoring" });
      try {
        const host = parseHostState(decodeUtf8Lossy(bytesOf(fetched, snapshot.host)));
        const engine = await Engine.restore(options, bufferOf(fetched, snapshot.state), host);
        this.#prefetchLater(life, packs, product);
        return engine;
      } catch (error) {
        // A cold boot takes seconds longer but needs nothing of the snapshot.
        this.#options.onConsole?.(`conch: the snapshot does not restore: ${String(error)}`);
        if (life !== this.#life) throw error;
      }
    }
    enter({ kind: "booting" });
    const booted =
      snapshot === undefined
        ? fetched
        : await this.#fetchAll([product.kernel, product.bios], () => undefined);
    return Engine.boot(options, {
      kernel: bufferOf(booted, product.kernel),
      bios: bufferOf(booted, product.bios),
      commandLine: commandLineFor(product, memoryBytes),
    });
  }

  async #fetchAll(
    files: readonly ProductFile[],
    enter: (state: MachineState) => void,
  ): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let loaded = 0;
    enter({ kind: "fetching", loaded, total });
    const fetched = await Promise.all(
      files.map(async ({ file }) => {
        const bytes = await this.#options.product.read(file, (more) => {
          loaded += more;
          enter({ kind: "fetching", loaded: Math.min(loaded, total), total });
        });
        return [file, bytes] as const;
      }),
    );
    return new Map(fetched);
  }

  #prefetchLater(life: number, packs: PackStore, product: GuestProduct): void {
    if (this.#options.prefetch !== true) return;
    this.#prefetchTimer = setTimeout(() => {
      if (life !== this.#life) return;
      // A pack that cannot be had is asked for again, and complained about, by the read that needs it.
      void packs.prefetch(product.hotPacks);
      void this.#prepareSessions();
    }, prefetchDelayMilliseconds);
  }

  /** One after the other: the guest has one processor, and the shell is what most people use first. */
  async #prepareSessions(): Promise<void> {
    const running = await this.#starting?.catch(() => undefined);
    await running?.sessions.prepare("sh");
    await running?.sessions.prepare("python");
  }

  #onDeath(life: number, words: string): void {
    if (life !== this.#life || this.#state.kind !== "running") return;
    const reason = `Linux on this machine gave up (${words}). Start it again.`;
    const running = this.#starting;
    this.#life++;
    this.#starting = undefined;
    this.#setState({ kind: "failed", reason });
    void running?.then(({ engine }) => engine.stop(reason)).catch(() => undefined);
  }

  #setState(state: MachineState): void {
    this.#state = state;
    this.#changes.emit(state);
  }
}

/** The kernel's command line for another memory size: the built one names the snapshot's. */
function commandLineFor({ cmdline, memoryBytes }: GuestProduct, wanted: number): string {
  if (wanted === memoryBytes) return cmdline;
  return cmdline.replace(/\bmemmap=\d+M@1M/, `memmap=${(wanted >> 20) - 1}M@1M`);
}

function bytesOf(
  fetched: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  { file }: ProductFile,
): Uint8Array<ArrayBuffer> {
  const bytes = fetched.get(file);
  if (bytes === undefined) throw new Error(`invariant violation: ${file} was not fetched`);
  return bytes;
}

/** v86 takes whole buffers: what is a piece of one is copied out. */
function bufferOf(fetched: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, file: ProductFile): ArrayBuffer {
  const bytes = bytesOf(fetched, file);
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
