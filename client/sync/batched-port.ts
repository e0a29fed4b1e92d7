// A port whose updates of the document go in batches: a program that makes a thousand files is no flood of messages for
// the page. What is said stays in order: any other message takes along the updates before it.

import * as Y from "yjs";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { Port } from "./replica.ts";

/** Milliseconds for which updates are collected. The first after a pause goes at once. */
const batchMilliseconds = 8;

export interface BatchedPortOptions {
  readonly port: Pick<Port, "addEventListener" | "removeEventListener"> & {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  };
  readonly clock?: Clock;
}

export class BatchedPort implements Port {
  readonly #port: BatchedPortOptions["port"];
  readonly #clock: Clock;
  #updates: Uint8Array[] = [];
  #timer: Disposer | undefined;
  #lastSent = -Infinity;

  constructor({ port, clock = systemClock }: BatchedPortOptions) {
    this.#port = port;
    this.#clock = clock;
  }

  postMessage(message: unknown, transfer: ArrayBuffer[] = []): void {
    if (!isUpdate(message)) {
      this.flush();
      this.#port.postMessage(message, transfer);
      return;
    }
    this.#updates.push(message.update);
    const pause = this.#lastSent + batchMilliseconds - this.#clock.now();
    if (pause <= 0) this.flush();
    else this.#timer ??= this.#clock.after(pause, () => this.flush());
  }

  addEventListener(...[type, listener]: Parameters<Port["addEventListener"]>): void {
    this.#port.addEventListener(type, listener);
  }

  removeEventListener(...[type, listener]: Parameters<Port["removeEventListener"]>): void {
    this.#port.removeEventListener(type, listener);
  }

  /** Sends what has been collected. */
  flush(): void {
    this.#timer?.();
    this.#timer = undefined;
    const [first, ...others] = this.#updates;
    if (first === undefined) return;
    this.#updates = [];
    this.#lastSent = this.#clock.now();
    const update = others.length === 0 ? first : Y.mergeUpdates([first, ...others]);
    this.#port.postMessage({ replica: "update", update }, []);
  }
}

function isUpdate(message: unknown): message is { readonly replica: "update"; readonly update: Uint8Array } {
  return (
    typeof message === "object" && message !== null && "replica" in message && message.replica === "update"
  );
}
