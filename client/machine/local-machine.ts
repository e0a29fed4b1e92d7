// The machine itself: gets the built guest, restores it from its snapshot (or boots it where there is none), runs tasks.
// The same in a browser's worker and in Node; knows neither: both pass in what they have.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Fs } from "#machine/fs/fs.ts";
import { FsKeeper, type FsStore } from "#machine/fs/fs-keeper.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { GuestSystem } from "#machine/proxy/guest-system.ts";
import { Sessions } from "#machine/session/sessions.ts";
import { SpareTerminal } from "#machine/session/spare-terminal.ts";
import type { ProgramWorkers } from "#machine/wasm/program-messages.ts";
import { Programs } from "#machine/wasm/programs.ts";
import { TaskRunner } from "#machine/wasm/task-runner.ts";
import type { Engine } from "./engine.ts";
import { ShownTasks } from "./shown-tasks.ts";
import { FileNotices } from "./file-notices.ts";
import type { FileNews } from "#machine/product/file-news.ts";
import { Lifetime } from "./lifetime.ts";
import type {
  CellSpec,
  Machine,
  MachineState,
  SessionKind,
  Task,
  TaskEvents,
  TaskSpec,
} from "#core/machine/machine.ts";
import type { ProductIndex } from "#machine/product/product-index.ts";
import type { ProductSource } from "#machine/product/product-source.ts";
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
  /** Where what the guest changes of this product's image outlives the machine. */
  readonly keep?: (product: ProductIndex) => Promise<FsStore | undefined>;
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
  #lifetime: Lifetime | undefined;
  #prefetchTimer: unknown;
  readonly #shown = new ShownTasks();
  readonly #notices: FileNotices;
  readonly #programs: Programs;
  readonly #withoutGuest: WithoutGuest;

  constructor(options: LocalMachineOptions) {
    this.#options = options;
    this.#notices = new FileNotices(this.#shown, (news) => options.onFileNews?.(news));
    this.#programs = new Programs(options.workers);
    this.#withoutGuest = new WithoutGuest({ ...options, programs: this.#programs });
  }

  get state(): MachineState {
    return this.#state;
  }

  /** A start is under way, whether anybody wants it yet or not. */
  get starting(): boolean {
    return this.#lifetime !== undefined && this.#lifetime.state.kind !== "running";
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
    this.#lifetime?.end(stopped);
    this.#lifetime = undefined;
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
    const asker = this.#shown.add(events, tty);
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
    const lifetime = this.#lifetime;
    if (lifetime?.isRequested === false) {
      lifetime.request();
      this.#setState(lifetime.state);
    }
    return starting;
  }

  #begin(): Promise<Running> {
    const lifetime = new Lifetime();
    this.#lifetime = lifetime;
    this.#starting = this.#start(lifetime);
    // Of one that nobody waits for, nobody hears.
    this.#starting.catch(() => undefined);
    return this.#starting;
  }

  async #start(lifetime: Lifetime): Promise<Running> {
    try {
      const { engine, store } = await this.#startEngine(lifetime);
      if (lifetime !== this.#lifetime) {
        await engine.stop(stopped);
        throw new Error("The machine was stopped while it started.");
      }
      const keeper = store && this.#keep(engine, store);
      this.#enter(lifetime, { kind: "running" });
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
      if (lifetime === this.#lifetime) {
        this.#starting = undefined;
        this.#enter(lifetime, { kind: "failed", reason });
        this.#lifetime = undefined;
      }
      throw new Error(reason, { cause: error });
    }
  }

  #keep({ overlay }: Engine, store: FsStore): FsKeeper {
    const onTrouble = (thrown: unknown): void => this.#options.onKeepTrouble?.(thrown);
    return new FsKeeper({ fs: overlay, store, onTrouble });
  }

  async #startEngine(
    lifetime: Lifetime,
  ): Promise<{ readonly engine: Engine; readonly store: FsStore | undefined }> {
    const { product, project, blobs, host, memoryBytes, ready, now, onConsole, keep } = this.#options;
    const time = now === undefined ? {} : { now };
    let store: FsStore | undefined;
    const kept = async (index: ProductIndex): Promise<OverlayState | undefined> => {
      try {
        store = await keep?.(index);
        return await store?.load();
      } catch (thrown) {
        store = undefined;
        this.#options.onKeepTrouble?.(thrown);
        return undefined;
      }
    };
    const wanted = Promise.all([ready, lifetime.whenRequested]);
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
          proxySystem: (options) => new GuestSystem(options),
        }),
      kept,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...time,
      ...(onConsole === undefined ? {} : { onConsole }),
      watch: this.#notices,
      onDeath: (reason) => this.#onDeath(lifetime, reason),
      enter: (state) => this.#enter(lifetime, state),
      abandoned: () => lifetime !== this.#lifetime,
    });
    this.#prefetchLater(lifetime, started);
    return { engine: started.engine, store };
  }

  #enter(lifetime: Lifetime, state: MachineState): void {
    lifetime.state = state;
    if (lifetime === this.#lifetime && lifetime.isRequested) this.#setState(state);
  }

  #prefetchLater(lifetime: Lifetime, { packs, product }: StartedEngine): void {
    if (this.#options.prefetch !== true || lifetime !== this.#lifetime) return;
    this.#prefetchTimer = setTimeout(() => {
      if (lifetime !== this.#lifetime) return;
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

  #onDeath(lifetime: Lifetime, words: string): void {
    if (lifetime !== this.#lifetime || this.#state.kind !== "running") return;
    const reason = `Linux on this machine gave up (${words}). Start it again.`;
    const running = this.#starting;
    this.#lifetime = undefined;
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
