// What starts can be stopped: a disposer undoes one thing, a DisposerStack undoes many, last first.

export type Disposer = () => void;

export class DisposerStack {
  readonly #disposers: Disposer[] = [];
  #disposed = false;

  /** Registers a disposer; runs it at once if the stack is already disposed. */
  add(disposer: Disposer): void {
    if (this.#disposed) disposer();
    else this.#disposers.push(disposer);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (let next = this.#disposers.pop(); next !== undefined; next = this.#disposers.pop()) next();
  }
}
