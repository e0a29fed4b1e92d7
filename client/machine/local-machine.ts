// The machine itself: gets the built guest, restores it from its snapshot (or boots it where there is none), runs tasks.
// The same in a browser's worker and in Node; knows neither: both pass in what they have.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Fs } from "#machine/fs/fs.ts";
import { FsKeeper, type FsStore } from "#machine/fs/fs-keeper.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { GuestSystem } from "#machine/stand-in/guest-system.ts";
import { Sessions } from "#machine/task/sessions.ts";
import { SpareTerminal } from "#machine/task/spare-terminal.ts";
import type { ProgramWorkers } from "#machine/wasm/program-messages.ts";
import { Programs } from "#machine/wasm/programs.ts";
import { TaskRunner } from "#machine/wasm/task-runner.ts";
import type { Engine } from "./engine.ts";
import { Askers } from "./askers.ts";
import { type FileNews, FileTeller } from "./file-teller.ts";
import { Life } from "./life.ts";
import type {
  CellSpec,
  Machine,
  MachineState,
  SessionKind,
  Task,
  TaskEvents,
  TaskSpec,
} from "#core/machine/machine.ts";
import type { ProductSource } from "./product-source.ts";
import { type StartedEngine, startEngine } from "./start-engine.ts";
import { WithoutGuest } from "./without-guest.ts";

export interface LocalMachineOptions {
  readonly product: ProductSource;
  /** What is mounted at /project; it outlives the machine. */
  readonly project: Fs;
  /** Keeps what programs display. */
  readonly blobs: BlobStore;
  readonly host: GuestHost;
  /** Where WebAssembly programs run. */
  readonly workers: ProgramWorkers;
  /** Another size than the snapshot's means a cold boot. */
  readonly memoryBytes?: number;
  /** For people, soon after the start: fetch what a first session touches, and have the cells' programs rehearse. */
  readonly prefetch?: boolean;
  /** What must be there before the guest may look at /project. */
  readonly ready?: Promise<unknown>;
  /** Where what the guest changes of this base image (named by its product's id) outlives the machine. */
  readonly keep?: (image: string) => Promise<FsStore | undefined>;
  /** It could not be stored, or (undefined) it can be again. */
  readonly onKeepTrouble?: (thrown: unknown) => void;
  /** Hears, for people, of files of Linux that somebody waits for or that cannot be had. */
  readonly onFileNews?: (news: FileNews) => void;
  readonly now?: () => number;
  /** Each line of the guest's console, for diagnosis. */
  readonly onConsole?: (line: string) => void;
}

/** Fetched in parallel with a person's first prompt, hot packs delay it by seconds on a slow line. */
const prefetchDelayMilliseconds = 1500;

/** What the guest has written and not handed over yet is waited for this long when the machine stops. */
const syncLimitMilliseconds = 1500;

const stopped = "The machine was stopped.";

interface Running {
  readonly engine: Engine;
  readonly keeper: FsKeeper | undefined;
  readonly sessions: Sessions;
  readonly terminals: SpareTerminal | undefined;
}

export class LocalMachine implements Machine {
  readonly #options: LocalMachineOptions;
  readonly #changes = new Emitter<MachineState>();
  #state: MachineState = { kind: "off" };
  #starting: Promise<Running> | undefined;
  /** The latest: what an earlier one still brings is dropped. */
  #life: Life | undefined;
  #prefetchTimer: unknown;
  readonly #askers = new Askers();
  readonly #teller: FileTeller;
  readonly #programs: Programs;
  readonly #withoutGuest: WithoutGuest;

  constructor(options: LocalMachineOptions) {
    this.#options = options;
    this.#teller = new FileTeller(this.#askers, (news) => options.onFileNews?.(news));
    this.#programs = new Programs(options.workers);
    this.#withoutGuest = new WithoutGuest({ ...options, programs: this.#programs });
  }

  get state(): MachineState {
    return this.#state;
  }

  /** A start is under way, whether anybody wants it yet or not. */
  get starting(): boolean {
    return this.#life !== undefined && this.#life.at.kind !== "running";
  }

  onState(listener: (state: MachineState) => void): Disposer {
    return this.#changes.on(listener);
  }

  /** Does what a start needs up to the moment where Linux would go on. The state stays "off", whatever comes of it. */
  prepare(): void {
    if (this.#starting === undefined) void this.#begin();
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async stop(): Promise<void> {
    const starting = this.#starting;
    this.#life?.end(stopped);
    this.#life = undefined;
    this.#starting = undefined;
    clearTimeout(this.#prefetchTimer);
    this.#setState({ kind: "off" });
    await this.#withoutGuest.stop(stopped);
    const running = await starting?.catch(() => undefined);
    running?.terminals?.stop();
    if (running?.keeper !== undefined) {
      await syncGuest(running.engine);
      await running.keeper.close();
    }
    await running?.engine.stop(stopped);
    this.#programs.stop();
  }

  async spawn(spec: TaskSpec, events: TaskEvents): Promise<Task> {
    const needsGuest = spec.kind === undefined || spec.kind === "guest";
    if (!needsGuest && this.#state.kind !== "running") return this.#withoutGuest.spawn(spec, events);
    const { engine, terminals } = await this.#running();
    return this.#asking(events, spec.tty !== undefined, (told) =>
      (terminals ?? engine.tasks).spawn(spec, told),
    );
  }

  async runCell(spec: CellSpec, events: TaskEvents): Promise<Task> {
    const { kind } = spec;
    if (kind === "wasm") return this.#withoutGuest.runCell(spec, events);
    const { sessions } = await this.#running();
    return this.#asking(events, true, (told) => sessions.runCell({ ...spec, kind }, told));
  }

  /** Starts a task that is told of what it wants and cannot get. */
  async #asking(
    events: TaskEvents,
    tty: boolean,
    start: (events: TaskEvents) => Task | Promise<Task>,
  ): Promise<Task> {
    const asker = this.#askers.add(events, tty);
    try {
      return asker.attach(await start(asker.events));
    } catch (thrown) {
      asker.end();
      throw thrown;
    }
  }

  async restartSession(kind: SessionKind, session: string): Promise<void> {
    if (this.#state.kind === "off") return;
    const running = await this.#starting?.catch(() => undefined);
    await running?.sessions.restart(kind, session);
  }

  #running(): Promise<Running> {
    const starting = this.#starting ?? this.#begin();
    const life = this.#life;
    if (life?.wanted === false) {
      life.want();
      this.#setState(life.at);
    }
    return starting;
  }

  #begin(): Promise<Running> {
    const life = new Life();
    this.#life = life;
    this.#starting = this.#start(life);
    // Of one that nobody waits for, nobody hears.
    this.#starting.catch(() => undefined);
    return this.#starting;
  }

  async #start(life: Life): Promise<Running> {
    try {
      const { engine, store } = await this.#startEngine(life);
      if (life !== this.#life) {
        await engine.stop(stopped);
        throw new Error("The machine was stopped while it started.");
      }
      const keeper = store && this.#keep(engine, store);
      this.#enter(life, { kind: "running" });
      const replenish = this.#options.prefetch === true;
      const { tasks } = engine;
      return {
        engine,
        keeper,
        sessions: new Sessions(tasks, { replenish }),
        terminals: replenish ? new SpareTerminal(tasks) : undefined,
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (life === this.#life) {
        this.#starting = undefined;
        this.#enter(life, { kind: "failed", reason });
        this.#life = undefined;
      }
      throw new Error(reason, { cause: error });
    }
  }

  #keep({ overlay }: Engine, store: FsStore): FsKeeper {
    const onTrouble = (thrown: unknown): void => this.#options.onKeepTrouble?.(thrown);
    return new FsKeeper({ fs: overlay, store, onTrouble });
  }

  async #startEngine(life: Life): Promise<{ readonly engine: Engine; readonly store: FsStore | undefined }> {
    const { product, project, blobs, host, memoryBytes, ready, now, onConsole, keep } = this.#options;
    const time = now === undefined ? {} : { now };
    let store: FsStore | undefined;
    const kept = async (image: string): Promise<OverlayState | undefined> => {
      try {
        store = await keep?.(image);
        return await store?.load();
      } catch (thrown) {
        store = undefined;
        this.#options.onKeepTrouble?.(thrown);
        return undefined;
      }
    };
    const wanted = Promise.all([ready, life.awaited]);
    // A start that fails earlier does not come to wait for it.
    wanted.catch(() => undefined);
    const started = await startEngine({
      product,
      project,
      blobs,
      host,
      ready: wanted,
      runner: (namespace) =>
        new TaskRunner({
          ...time,
          programs: this.#programs,
          namespace,
          standInSystem: (options) => new GuestSystem(options),
        }),
      kept,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...time,
      ...(onConsole === undefined ? {} : { onConsole }),
      watch: this.#teller,
      onDeath: (reason) => this.#onDeath(life, reason),
      enter: (state) => this.#enter(life, state),
      abandoned: () => life !== this.#life,
    });
    this.#prefetchLater(life, started);
    return { engine: started.engine, store };
  }

  #enter(life: Life, state: MachineState): void {
    life.at = state;
    if (life === this.#life && life.wanted) this.#setState(state);
  }

  #prefetchLater(life: Life, { packs, product }: StartedEngine): void {
    if (this.#options.prefetch !== true || life !== this.#life) return;
    this.#prefetchTimer = setTimeout(() => {
      if (life !== this.#life) return;
      void this.#prepareSessions(packs.prefetch(product.hotPacks));
    }, prefetchDelayMilliseconds);
  }

  /** One after the other: the guest has one processor, and the shell is what most people use first. */
  async #prepareSessions(prefetched: Promise<boolean>): Promise<void> {
    // A pack that cannot be had is asked for again, and complained about, by whoever really needs it.
    if (!(await prefetched)) return;
    const running = await this.#starting?.catch(() => undefined);
    await running?.sessions.prepare("sh");
    await running?.sessions.prepare("python");
  }

  #onDeath(life: Life, words: string): void {
    if (life !== this.#life || this.#state.kind !== "running") return;
    const reason = `Linux on this machine gave up (${words}). Start it again.`;
    const running = this.#starting;
    this.#life = undefined;
    this.#starting = undefined;
    this.#setState({ kind: "failed", reason });
    void running
      ?.then(async ({ engine, keeper }) => {
        await keeper?.close();
        await engine.stop(reason);
      })
      .catch(() => undefined);
  }

  #setState(state: MachineState): void {
    this.#state = state;
    this.#changes.emit(state);
  }
}

/** Has the guest hand over what it has written, as far as it can in time. */
async function syncGuest({ tasks }: Engine): Promise<void> {
  let timer: unknown;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, syncLimitMilliseconds)));
  const synced = tasks
    .spawn({ argv: ["sync"] }, { output: () => undefined })
    .then(({ exit }) => exit)
    .catch(() => undefined);
  await Promise.race([synced, limit]);
  clearTimeout(timer);
}
