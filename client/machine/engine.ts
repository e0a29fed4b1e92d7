// A guest with everything that it stands on: namespace, 9P server, tasks. Boots it, restores it, snapshots it.
// Knows no product files and no Machine states: local-machine.ts does, and the build's bake.

import type { BlobStore } from "#core/project/blobs.ts";
import type { Fs } from "#machine/fs/fs.ts";
import { MountTable } from "#machine/fs/mount-table.ts";
import { Overlay } from "#machine/fs/overlay.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import { Guest, type GuestHost, type GuestWires, type Kernel } from "#machine/guest/guest.ts";
import { Callers } from "#machine/p9/callers.ts";
import { leasePort } from "#machine/p9/lease.ts";
import { P9Server } from "#machine/p9/server.ts";
import type { ProgramRunner } from "#machine/task/program-runner.ts";
import { TaskTable } from "#machine/task/task-table.ts";
import { isParkedLine, seedBytes, wakeLine } from "#machine/guest/wake.ts";
import { contradictsSnapshot } from "#machine/product/kept-overlay.ts";
import type { HostState } from "#machine/product/snapshot-state.ts";
import { mountNumber } from "./mounts.ts";

export interface EngineOptions {
  readonly host: GuestHost;
  readonly memoryBytes: number;
  /** The base image, read-only. */
  readonly base: Fs;
  /** What is mounted at /project. */
  readonly project: Fs;
  /** What must be there before a restored guest goes on. */
  readonly ready?: Promise<unknown>;
  /** What an earlier machine has changed of the base image, in place of a snapshot's. */
  readonly kept?: Promise<OverlayState | undefined>;
  readonly now?: () => number;
  /** Fills with fresh random bytes. */
  readonly random?: (bytes: Uint8Array) => void;
  /** Each line of the guest's console. */
  readonly onConsole?: (line: string) => void;
  /** Keeps what programs display. */
  readonly blobs?: BlobStore;
  /** Makes what runs WebAssembly tasks, over the guest's namespace as the host sees it. */
  readonly runner?: (namespace: Fs) => ProgramRunner;
  /** The guest's kernel has given up; called once, with its words. */
  readonly onDeath?: (reason: string) => void;
}

export interface EngineSnapshot {
  /** v86's raw state. */
  readonly state: ArrayBuffer;
  readonly host: HostState;
}

/** Under emulation, on a busy machine, a cold boot takes this long at worst. */
const bootLimitMilliseconds = 180_000;

/** A restored guest that has not asked for work by then will not. */
const wakeLimitMilliseconds = 30_000;

interface EngineParts extends Pick<Engine, "tasks" | "overlay" | "fs"> {
  readonly callers: Callers;
}

const panicPattern = /Kernel panic - not syncing: (.*?)(?: *\]?---)?$/;

export class Engine {
  readonly tasks: TaskTable;
  readonly server: P9Server;
  readonly overlay: Overlay;
  /** The whole namespace of the guest. */
  readonly fs: MountTable;
  readonly #options: EngineOptions;
  readonly #callers: Callers;
  readonly #parked = new Set<() => void>();
  readonly #dying = new Set<(error: Error) => void>();
  #guest: Guest | undefined;
  #dead: string | undefined;

  private constructor(options: EngineOptions, parts: EngineParts) {
    this.#options = options;
    this.tasks = parts.tasks;
    this.overlay = parts.overlay;
    this.fs = parts.fs;
    this.#callers = parts.callers;
    this.server = new P9Server(parts.fs, options.now === undefined ? {} : { now: options.now });
  }

  /** Boots Linux; settles when its agent waits for tasks. */
  static async boot(options: EngineOptions, kernel: Kernel): Promise<Engine> {
    const engine = await Engine.#make(options);
    try {
      const kept = await options.kept;
      if (kept !== undefined) engine.overlay.putBack(kept);
      const parked = engine.#nextParked();
      engine.#guest = await Guest.boot(options, engine.#wires(), kernel);
      await engine.#within(parked, bootLimitMilliseconds, "Linux did not finish starting");
      await engine.#wake();
      return engine;
    } catch (error) {
      await engine.stop("The machine did not start.");
      throw error;
    }
  }

  /** Goes on from a snapshot, on a blank PC; settles when the guest's agent waits for tasks. */
  static async restore(
    options: EngineOptions,
    guest: Guest,
    state: ArrayBuffer,
    host: HostState,
  ): Promise<Engine> {
    const engine = await Engine.#make(options);
    try {
      engine.overlay.importState(host.overlay);
      const lost = await engine.server.importSession(host.session);
      for (const { fid, ino } of lost)
        options.onConsole?.(`conch: fid ${fid} (inode ${ino}) of the snapshot is gone`);
      engine.#guest = guest;
      await guest.restore(engine.#wires(), state);
      await options.ready;
      const kept = await options.kept;
      if (kept !== undefined) {
        if (await contradictsSnapshot(kept, host.session.fids, options.base))
          throw new Error("a file that its programs have in use was changed since");
        engine.overlay.putBack(kept);
      }
      await engine.#wake();
      return engine;
    } catch (error) {
      await engine.stop("The machine did not start.");
      throw error;
    }
  }

  static async #make(options: EngineOptions): Promise<Engine> {
    const time = options.now === undefined ? {} : { now: options.now };
    const overlay = new Overlay(options.base, time);
    const fs = new MountTable(overlay);
    const runner = options.runner?.(fs);
    const callers = new Callers();
    const tasks = new TaskTable({
      ...time,
      onCell: () => callers.beginRun(),
      caller: () => callers.current,
      ...(runner === undefined ? {} : { runner }),
      ...(options.blobs === undefined ? {} : { blobs: options.blobs }),
    });
    await fs.mount("/project", options.project, mountNumber.project);
    await fs.mount("/task", tasks.fs, mountNumber.task);
    return new Engine(options, { overlay, tasks, fs, callers });
  }

  /** The last lines of the guest's console, to explain a failure. */
  get consoleLines(): readonly string[] {
    return this.#guest?.consoleLines ?? [];
  }

  /**
   * Parks the agent, waits until no request is in flight, and takes the machine's state. Only warm tasks may live.
   * The guest stays paused: `resume` wakes it again.
   */
  async snapshot(): Promise<EngineSnapshot> {
    const guest = this.#running();
    const parked = this.#nextParked();
    this.tasks.park();
    await this.#within(parked, bootLimitMilliseconds, "the guest did not come to rest");
    await guest.pause();
    // What the kernel writes back by itself may still have been on its way.
    while (this.server.pending > 0) {
      await guest.resume();
      await this.#within(this.server.drained(), wakeLimitMilliseconds, "a file request stayed unanswered");
      await guest.pause();
    }
    const state = await guest.snapshot();
    return { state, host: { session: this.server.exportSession(), overlay: this.overlay.exportState() } };
  }

  /** After `snapshot`. */
  async resume(): Promise<void> {
    await this.#wake();
  }

  /** Ends every task with this sentence, then the machine. */
  async stop(reason: string): Promise<void> {
    this.tasks.stop(reason);
    const guest = this.#guest;
    this.#guest = undefined;
    await guest?.stop();
    await this.server.close();
  }

  #running(): Guest {
    if (this.#guest === undefined) throw new Error("invariant violation: the guest is not running");
    return this.#guest;
  }

  /** Sets the guest's clock, gives it randomness of its own, and waits until the agent reads its inbox. */
  async #wake(): Promise<void> {
    const guest = this.#running();
    const seed = new Uint8Array(seedBytes);
    if (this.#options.random === undefined) crypto.getRandomValues(seed);
    else this.#options.random(seed);
    guest.send(wakeLine((this.#options.now ?? Date.now)(), seed));
    await guest.resume();
    await this.#within(this.tasks.attached, wakeLimitMilliseconds, "the guest's agent did not wake");
  }

  #wires(): GuestWires {
    return {
      handleFrame: (frame, reply) =>
        this.fs.leaseholder(() => this.server.handle(frame, reply), this.#callers.current),
      onConsole: (line) => this.#onConsole(line),
      ports: new Map([[leasePort, () => this.fs.lease()]]),
      writtenPorts: this.#callers.ports,
    };
  }

  #onConsole(line: string): void {
    this.#options.onConsole?.(line);
    if (isParkedLine(line)) {
      for (const resolve of this.#parked) resolve();
      this.#parked.clear();
    }
    const panic = panicPattern.exec(line)?.[1];
    if (panic === undefined || this.#dead !== undefined) return;
    this.#dead = panic;
    for (const reject of this.#dying) reject(new Error(`Linux gave up: ${panic}`));
    this.#options.onDeath?.(panic);
  }

  #nextParked(): Promise<void> {
    return new Promise((resolve) => this.#parked.add(resolve));
  }

  /** Fails when the time is over or the guest's kernel gives up. */
  #within(waited: Promise<void>, milliseconds: number, failure: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#dying.delete(fail);
      };
      const fail = (error: Error): void => {
        done();
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new Error(`${failure} within ${milliseconds / 1000} seconds`)),
        milliseconds,
      );
      this.#dying.add(fail);
      waited.then(() => {
        done();
        resolve();
      }, fail);
    });
  }
}
