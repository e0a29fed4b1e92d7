// Ends a transfer over which nothing comes or goes any more: a line that was cut off without a word stays open for
// minutes otherwise.

/** Milliseconds. The server may be busy with a large file for some seconds before it answers. */
const stallMilliseconds = 60_000;

export class Stall {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `outer` ends it, too. */
  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
    this.moved();
  }

  /** Something has come or gone. */
  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Error("the line is silent")),
      stallMilliseconds,
    );
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
