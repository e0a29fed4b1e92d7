// What the room writes down: the document, opened when it is needed, and what happens when it cannot be written.
// Knows storage as an interface, and no connections.

import { RoomDocument, Nonsense, type Committed } from "./document.ts";
import type { MaybePromise, RoomHost } from "./host.ts";
import { StorageTrouble } from "./storage-trouble.ts";
import type { RoomStorage } from "./storage.ts";

export interface Edit {
  readonly update: Uint8Array;
  /** The connection that made it. */
  readonly author: string;
}

export type Written =
  /**
   * All is durable but for what had no meaning; `updates` says it to others, in as few pieces as may be, and `answers`
   * is what the room itself has changed then.
   */
  | {
      readonly ok: true;
      readonly updates: readonly Uint8Array[];
      readonly answers: readonly Uint8Array[];
      readonly nonsense: readonly Edit[];
    }
  /** Nothing of it counts: it must be asked for again. */
  | { readonly ok: false };

export interface JournalOptions {
  readonly host: RoomHost;
  readonly storage: RoomStorage;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => Promise<void>) => void;
  /** Storage has begun to fail. */
  readonly onTrouble: () => void;
  /** It works again. */
  readonly onRecovery: () => void | Promise<void>;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #trouble: StorageTrouble;
  #document: RoomDocument | undefined;
  #opening: Promise<RoomDocument> | undefined;

  constructor(options: JournalOptions) {
    const { host, storage, run, onRecovery } = options;
    this.#options = options;
    this.#trouble = new StorageTrouble({
      clock: host.clock,
      storage,
      failures: host.failedWrites ?? 0,
      run,
      onEnd: onRecovery,
    });
  }

  /** Nothing can be stored now. */
  get inTrouble(): boolean {
    return this.#trouble.here;
  }

  open(): MaybePromise<RoomDocument> {
    if (this.#document !== undefined) return this.#document;
    const { host, storage } = this.#options;
    this.#opening ??= (async () => {
      try {
        return (this.#document = await RoomDocument.open(storage, {
          now: () => host.clock.now(),
          log: (sentence, thrown) => host.log(sentence, thrown),
          ...(host.newClient === undefined ? {} : { client: host.newClient() }),
        }));
      } finally {
        this.#opening = undefined;
      }
    })();
    return this.#opening;
  }

  /** The first content, together with the values that make a project of it. */
  async begin(update: Uint8Array, meta: Readonly<Record<string, string>>): Promise<void> {
    const document = await this.open();
    try {
      await document.commit([update], meta);
    } catch (thrown) {
      this.#forget();
      throw thrown;
    }
  }

  /** One batch at a time. Never rejects. */
  write(edits: readonly Edit[]): MaybePromise<Written> {
    if (this.#trouble.here) return { ok: false };
    // It may be being read again.
    if (this.#document === undefined) return this.#writeEach(edits);
    const failed = (thrown: unknown): MaybePromise<Written> => {
      if (!(thrown instanceof Nonsense)) return this.#fail(thrown);
      this.#forget();
      return this.#writeEach(edits);
    };
    const written = ({ update, answer }: Committed): Written => ({
      ok: true,
      updates: [update],
      answers: answer === undefined ? [] : [answer],
      nonsense: [],
    });
    try {
      const stored = this.#document.commit(edits.map(({ update }) => update));
      return stored instanceof Promise ? stored.then(written, failed) : written(stored);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  dispose(): void {
    this.#trouble.dispose();
    this.#document?.destroy();
  }

  /** One person's nonsense must not take along what others wrote at that moment. */
  async #writeEach(edits: readonly Edit[]): Promise<Written> {
    const updates: Uint8Array[] = [];
    const answers: Uint8Array[] = [];
    const nonsense: Edit[] = [];
    for (const edit of edits)
      try {
        const { update, answer } = await (await this.open()).commit([edit.update]);
        updates.push(update);
        if (answer !== undefined) answers.push(answer);
      } catch (thrown) {
        if (!(thrown instanceof Nonsense)) return this.#fail(thrown);
        this.#forget();
        nonsense.push(edit);
      }
    return { ok: true, updates, answers, nonsense };
  }

  #fail(thrown: unknown): Written {
    this.#options.host.log("A project cannot be stored.", thrown);
    this.#forget();
    this.#trouble.begin();
    this.#options.onTrouble();
    return { ok: false };
  }

  /** It holds what could not be stored: who needs it next reads it from storage. */
  #forget(): void {
    this.#document?.destroy();
    this.#document = undefined;
  }
}
