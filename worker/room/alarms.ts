// Several alarms by name out of the one that a Durable Object has. They outlive its memory.

const prefix = "alarm:";

export class Alarms<Name extends string> {
  readonly #storage: DurableObjectStorage;
  readonly #handlers: Readonly<Record<Name, () => Promise<void>>>;
  #last = Promise.resolve();

  constructor(storage: DurableObjectStorage, handlers: Readonly<Record<Name, () => Promise<void>>>) {
    this.#storage = storage;
    this.#handlers = handlers;
  }

  /** Milliseconds since 1970; in place of what was set before under this name. */
  set(name: Name, time: number): Promise<void> {
    return this.#inTurn(async () => {
      // The runtime rings at whole milliseconds: one that rang a fraction early would set itself to the very time that
      // is just being handled, and be forgotten with it.
      await this.#storage.put(prefix + name, Math.ceil(time));
      await this.#arm();
    });
  }

  async isSet(name: Name): Promise<boolean> {
    return (await this.#storage.get(prefix + name)) !== undefined;
  }

  /** The object's alarm has gone off. */
  async ring(): Promise<void> {
    const due: (() => Promise<void>)[] = [];
    await this.#inTurn(async () => {
      const now = Date.now();
      for (const [name, handler] of Object.entries(this.#handlers) as [Name, () => Promise<void>][]) {
        const time = await this.#storage.get<number>(prefix + name);
        if (time === undefined || time > now) continue;
        await this.#storage.delete(prefix + name);
        due.push(handler);
      }
    });
    for (const handler of due) await handler();
    await this.#inTurn(() => this.#arm());
  }

  /** What is read must still be so when the alarm is set to it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work, work);
    return this.#last;
  }

  async #arm(): Promise<void> {
    const times = await this.#storage.list<number>({ prefix });
    if (times.size > 0) await this.#storage.setAlarm(Math.min(...times.values()));
  }
}
