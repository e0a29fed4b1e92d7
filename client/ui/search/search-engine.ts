// Hands texts to the search worker and gives back its answers; a worker that does not answer is ended.

import type { Disposer } from "#core/base/disposable.ts";
import type { Pattern } from "./find.ts";
import type { SearchAnswer, SearchRequest } from "./search-worker.ts";

/** Finds in a batch of texts; rejects where it takes too long or was stopped. */
export interface SearchEngine {
  find(pattern: Pattern, texts: readonly string[]): Promise<SearchAnswer>;
  /** Gives up what is going on. */
  stop: Disposer;
}

/** Milliseconds for one batch: an honest one takes a few of them, even on a busy machine. */
const batchLimit = 10_000;

export class SlowExpression extends Error {}

export class WorkerEngine implements SearchEngine {
  #worker: Worker | undefined;
  #giveUp: ((reason: Error) => void) | undefined;

  find(pattern: Pattern, texts: readonly string[]): Promise<SearchAnswer> {
    this.#worker ??= new Worker(new URL("./search-worker.ts", import.meta.url), {
      type: "module",
      name: "search",
    });
    const worker = this.#worker;
    const request: SearchRequest = { pattern, texts };
    return new Promise<SearchAnswer>((resolve, reject) => {
      const timer = setTimeout(() => this.#end(new SlowExpression()), batchLimit);
      const settle = (): void => {
        clearTimeout(timer);
        this.#giveUp = undefined;
      };
      this.#giveUp = (reason) => {
        settle();
        reject(reason);
      };
      worker.addEventListener("error", () => this.#end(new Error("the search could not be loaded")), {
        once: true,
      });
      worker.addEventListener(
        "message",
        ({ data }: MessageEvent<SearchAnswer>) => {
          settle();
          resolve(data);
        },
        { once: true },
      );
      worker.postMessage(request, []);
    });
  }

  stop = (): void => {
    // A worker at rest is kept for the next search.
    if (this.#giveUp !== undefined) this.#end(new Error("stopped"));
  };

  dispose(): void {
    this.#end(new Error("stopped"));
  }

  #end(reason: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#giveUp?.(reason);
  }
}
