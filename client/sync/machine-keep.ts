// How the page and its machine's worker agree on keeping what the machine writes outside the project: the page names
// the project, the worker stores it, and says when it cannot. Several tabs of one project have one machine each, and
// only the first of them is kept.

import { systemClock } from "#core/base/system-clock.ts";
import { SilentStorage } from "./database.ts";
import { type IndexedPart, type KeptInode, MachineDatabase } from "./indexed-machine.ts";
import { TimeLimit } from "./time-limit.ts";

interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface KeepMessage {
  /** To the worker: the project. */
  readonly keep?: string;
  /** To the page: a sentence. */
  readonly keepTrouble?: string;
}

/**
 * Images of which a browser keeps what was changed, for each project: the one that is used and the one before it, so that
 * a renewed Linux that is taken back costs nothing. Each may have half a gigabyte.
 */
const keptImages = 2;

/** The name of the part that does not depend on the base image. */
const unshared = "unshared";
const basePrefix = "base ";
/** A page that is being reloaded lets go of its machine soon after the new one asks. */
const lockPatienceMilliseconds = 1000;
/** A browser that says neither yes nor no is not asked for ever: the machine's start waits for it. */
const mostLockTries = 8;

/** The page's end. `onTrouble` is told a sentence. */
export function offerKeep(worker: Port, project: string, onTrouble: (sentence: string) => void): void {
  worker.addEventListener("message", ({ data }) => {
    const { keepTrouble } = (data ?? {}) as KeepMessage;
    if (typeof keepTrouble === "string") onTrouble(keepTrouble);
  });
  worker.postMessage({ keep: project } satisfies KeepMessage, []);
}

export interface MachineKeep {
  /** What .conchignore does not share. */
  unshared<Inode extends KeptInode>(): IndexedPart<Inode>;
  /** What a machine changes of this base image. */
  base<Inode extends KeptInode>(image: string): Promise<IndexedPart<Inode>>;
}

/** The worker's end; undefined where nothing can be kept, of which the page is told. */
export async function acceptKeep(scope: Port): Promise<MachineKeep | undefined> {
  const tell = (sentence: string): void =>
    scope.postMessage({ keepTrouble: sentence } satisfies KeepMessage, []);
  const project = await new Promise<string>((resolve) => {
    scope.addEventListener("message", ({ data }) => {
      const { keep } = (data ?? {}) as KeepMessage;
      if (typeof keep === "string") resolve(keep);
    });
  });
  if (!(await isFirst(project))) {
    tell(
      "This project is open in another tab, whose machine is the one that is kept: what this one writes outside /project goes with its tab.",
    );
    return undefined;
  }
  let database: MachineDatabase;
  try {
    database = await MachineDatabase.open(project);
  } catch {
    // The page says already that this browser keeps nothing.
    return undefined;
  }
  return {
    unshared: () => database.part(unshared),
    base: async (image) => {
      const part = `${basePrefix}${image}`;
      const parts = await database.parts();
      const others = [...parts.keys()].filter((name) => name !== unshared && name !== part);
      await database.use(part, Math.max(0, ...parts.values()) + 1, outlived(parts, others));
      if (others.length > 0 && !parts.has(part))
        tell("The Linux of this machine was renewed: what was written outside /project was the old one's.");
      return database.part(part);
    },
  };
}

/** Those that were used before all that stay beside the one that is used now. */
function outlived(uses: ReadonlyMap<string, number>, others: readonly string[]): readonly string[] {
  return others.toSorted((a, b) => (uses.get(b) ?? 0) - (uses.get(a) ?? 0)).slice(keptImages - 1);
}

/** The page hears why what the machine writes does not outlive the tab. */
export function tellKeepTrouble(scope: Port, thrown: unknown): void {
  if (thrown === undefined) return;
  const reason =
    thrown instanceof SilentStorage
      ? ": the browser's storage does not answer"
      : thrown instanceof DOMException && thrown.name === "QuotaExceededError"
        ? ": the browser's storage is full"
        : "";
  const keepTrouble = `What your machine has written outside /project cannot be kept${reason}. It goes with this tab.`;
  scope.postMessage({ keepTrouble } satisfies KeepMessage, []);
}

/** Held until this worker ends. */
async function isFirst(project: string): Promise<boolean> {
  const { locks } = navigator;
  if (locks === undefined) return true;
  const name = `conch.machine.${project}`;
  for (let asked = 0; asked < mostLockTries; asked++) {
    if (await takeLock(locks, name)) return true;
    // A browser that is busy takes its time, too.
    if ((await locks.query()).held?.some((lock) => lock.name === name) === true) return false;
  }
  return false;
}

/** False where it cannot be had for a while. */
function takeLock(locks: LockManager, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = new TimeLimit({ clock: systemClock, milliseconds: lockPatienceMilliseconds });
    locks
      .request(name, { signal: limit.signal }, () => {
        limit.end();
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
