// What the page changes about itself for paper, and takes back afterwards. Both the events of printing and the media
// query count: a preview may bring only one of them. Knows no window.

import type { Disposer } from "#core/base/disposable.ts";

/** Makes a part ready for paper; the disposer makes it as it was. Everything in the task of the call. */
type Prepare = () => Disposer;

type Listening = Pick<EventTarget, "addEventListener">;

export class PrintParts {
  readonly #parts = new Set<Prepare>();
  #undo: readonly Disposer[] | undefined;
  /** The media query has said that this is paper. */
  #paper = false;
  #betweenEvents = false;

  constructor(page: Listening, media: Listening) {
    page.addEventListener("beforeprint", () => {
      this.#betweenEvents = true;
      this.#begin();
    });
    page.addEventListener("afterprint", () => {
      this.#betweenEvents = false;
      this.#paper = false;
      this.#end();
    });
    media.addEventListener("change", (event) => {
      const ended = this.#paper || !this.#betweenEvents;
      this.#paper = (event as MediaQueryListEvent).matches;
      if (this.#paper) this.#begin();
      // Chromium may still report the end of an earlier change while the page is already being laid out on paper.
      else if (ended) this.#end();
    });
  }

  /** Calls `prepare` whenever the page is about to be printed, until disposed of. */
  add(prepare: Prepare): Disposer {
    this.#parts.add(prepare);
    return () => void this.#parts.delete(prepare);
  }

  #begin(): void {
    this.#undo ??= Array.from(this.#parts, (prepare) => prepare());
  }

  #end(): void {
    for (const each of this.#undo ?? []) each();
    this.#undo = undefined;
  }
}
