// Keeps everything of an open project in this browser: the app, all of Linux, and the project's files that are no text.
// Goes on where it stopped, also at the next visit.

import { effect, signal } from "@preact/signals";
import type { Disposer } from "#core/base/disposable.ts";
import { nodesOf } from "#core/project/schema.ts";
import type { BlobRef } from "#core/project/blobs.ts";
import { sizeWords } from "#ui/kit/size-words.ts";
import { toast } from "#ui/kit/toasts.tsx";
import type { LiveSession } from "#ui/workspace/live-session.ts";
import type { KeptPart, OfflineModel, OfflineState, OfflineWork } from "#ui/offline/offline-model.ts";
import { missingBytes } from "#ui/offline/offline-words.ts";
import type { LocalCopy } from "#sync/local-copy.ts";
import type { BrowserStore } from "./browser-store.ts";
import { keepAppNow } from "./keep-app.ts";
import { appCache, guestCache } from "./offline/caches.ts";
import { allParts, keptPaths, planGuest } from "./offline/guest-plan.ts";
import { keepPlan } from "./offline/keep-guest.ts";

/** What a browser says it has room for is a guess: this part of it is left alone. */
const spared = 0.05;

export class OfflineKeeper implements OfflineModel {
  readonly state = signal<OfflineState | undefined>(undefined);
  readonly work = signal<OfflineWork>({ kind: "idle" });
  readonly #live: LiveSession;
  readonly #copy: LocalCopy | undefined;
  readonly #store: BrowserStore;
  readonly #linux: boolean;
  readonly #stopFollowing: Disposer;
  #keeping: AbortController | undefined;
  /** The line broke: it goes on when the server can be reached again. */
  #interrupted = false;

  constructor(of: {
    readonly live: LiveSession;
    readonly copy: LocalCopy | undefined;
    readonly store: BrowserStore;
    /** There is a machine here. */
    readonly linux: boolean;
  }) {
    this.#live = of.live;
    this.#copy = of.copy;
    this.#store = of.store;
    this.#linux = of.linux;
    this.#interrupted = this.unavailable === undefined && of.store.offlineChoice === "everything";
    this.#stopFollowing = effect(() => {
      const online = of.live.settled.value;
      if (online && this.#interrupted) queueMicrotask(() => this.keep());
    });
  }

  get unavailable(): string | undefined {
    return "serviceWorker" in navigator && "caches" in globalThis
      ? undefined
      : "This browser keeps no pages here, as in a private window: the server is needed to open the project.";
  }

  dispose(): void {
    this.#stopFollowing();
    this.#keeping?.abort();
  }

  look(): void {
    if (this.unavailable === undefined) void this.#look();
  }

  keep(): void {
    if (this.#keeping !== undefined || this.unavailable !== undefined) return;
    this.#store.offlineChoice = "everything";
    this.#interrupted = false;
    const keeping = new AbortController();
    this.#keeping = keeping;
    void this.#keepAll(keeping.signal)
      .catch((thrown: unknown) => {
        if (!keeping.signal.aborted) this.#fail(thrown);
      })
      .finally(() => {
        if (this.#keeping === keeping) this.#keeping = undefined;
        if (this.work.value.kind === "keeping") this.work.value = { kind: "idle" };
        this.look();
      });
  }

  stop(): void {
    this.#interrupted = false;
    this.#store.offlineChoice = "usual";
    this.#keeping?.abort();
    this.#keeping = undefined;
    this.work.value = { kind: "idle" };
  }

  remove(): void {
    this.stop();
    this.#store.offlineChoice = "nothing";
    this.work.value = { kind: "removing" };
    void caches
      .delete(guestCache)
      .catch(() => false)
      .then(() => {
        this.work.value = { kind: "idle" };
        this.look();
      });
  }

  async #look(): Promise<OfflineState> {
    const names = await caches.keys();
    const state: OfflineState = {
      app: names.some((name) => name.startsWith(appCache(""))) && (await caches.match("/")) !== undefined,
      linux: this.#linux ? await measureLinux() : { kept: 0, total: 0 },
      files: this.#measureFiles(),
      lasting: (await navigator.storage?.persisted?.()) ?? false,
    };
    this.state.value = state;
    return state;
  }

  async #keepAll(signal: AbortSignal): Promise<void> {
    this.work.value = { kind: "keeping", loaded: 0, total: this.#total() };
    // Asked while somebody wants it: some browsers ask the person.
    await navigator.storage?.persist?.().catch(() => false);
    await keepAppNow();
    signal.throwIfAborted();
    const state = await this.#look();
    signal.throwIfAborted();
    const problem = await roomProblem(missingBytes(state));
    if (problem !== undefined) throw new NoRoom(problem);
    const plan = this.#linux ? await planGuest(signal) : undefined;
    let loaded = 0;
    const passed = (bytes: number): void => {
      loaded += bytes;
      const total = Math.max(loaded, this.#total());
      if (!signal.aborted) this.work.value = { kind: "keeping", loaded, total };
    };
    if (plan !== undefined) await keepPlan(plan, { rest: true, signal, onKept: passed });
    for (const ref of this.#blobs()) {
      signal.throwIfAborted();
      await this.#keepBlob(ref);
      passed(ref.size);
    }
    await navigator.storage?.persist?.().catch(() => false);
    const { linux, files } = await this.#look();
    if (signal.aborted) return;
    const bytes = (linux?.kept ?? 0) + files.kept;
    if (files.kept < files.total)
      throw new NoRoom(
        `${sizeWords(files.total - files.kept)} of the project's files do not fit into what is kept of one project in this browser. The rest is here.`,
      );
    toast({ message: `Everything is kept for offline: ${sizeWords(bytes)}.` });
  }

  async #keepBlob(ref: BlobRef): Promise<void> {
    const keeper = this.#copy?.blobs;
    if (keeper === undefined || keeper.has(ref.hash)) return;
    keeper.keep(ref.hash, await this.#live.session.blobs.get(ref));
  }

  #fail(thrown: unknown): void {
    this.work.value = { kind: "failed", problem: this.#words(thrown) };
  }

  #words(thrown: unknown): string {
    if (thrown instanceof NoRoom) return thrown.message;
    if (thrown instanceof DOMException && thrown.name === "QuotaExceededError")
      return "The browser's storage is full. What has come is kept; free some space, then go on.";
    this.#interrupted = true;
    return "The server cannot be reached, or does not give everything. What has come is kept; it goes on when you are online.";
  }

  #total(): number {
    const { linux, files } = this.state.value ?? {};
    return (linux?.total ?? 0) + (files?.total ?? 0);
  }

  #blobs(): readonly BlobRef[] {
    const { project, doc } = this.#live.session;
    const found = new Map<string, BlobRef>();
    for (const id of nodesOf(doc).keys()) {
      const ref = project.entry(id)?.kind === "bytes" ? project.blob(id) : undefined;
      if (ref !== undefined) found.set(ref.hash, ref);
    }
    return [...found.values()];
  }

  #measureFiles(): KeptPart {
    let kept = 0;
    let total = 0;
    for (const { hash, size } of this.#blobs()) {
      total += size;
      if (this.#copy?.blobs.has(hash) === true) kept += size;
    }
    return { kept, total };
  }
}

/** There is too little space; the message is a sentence. */
class NoRoom extends Error {}

async function measureLinux(): Promise<KeptPart | undefined> {
  try {
    const plan = await planGuest();
    if (plan === undefined) return undefined;
    const paths = await keptPaths();
    let kept = 0;
    let total = 0;
    for (const { path, bytes } of allParts(plan)) {
      total += bytes;
      if (paths.has(path)) kept += bytes;
    }
    return { kept, total };
  } catch {
    return undefined; // without the server, and nothing of it is here
  }
}

/** Why so many more bytes do not fit; undefined where they do, as far as the browser says. */
async function roomProblem(needed: number): Promise<string | undefined> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota === undefined || usage === undefined) return undefined;
  const free = Math.max(0, quota * (1 - spared) - usage);
  return needed <= free
    ? undefined
    : `This browser has room for ${sizeWords(Math.floor(free))}, and ${sizeWords(needed)} are needed. Free some space on the disk, or remove other pages' data.`;
}
