// The document and its storage: opens it when it is needed, stores batches of edits, and handles storage that fails.
// Knows storage as an interface, and no connections.

import type { Project } from "#core/project/project.ts";
import { RoomDocument, InvalidUpdate, type Committed, type Edited } from "./document.ts";
import type { MaybePromise, RoomHost } from "./host.ts";
import { StorageRetry } from "./storage-retry.ts";
import type { RoomStorage } from "./storage.ts";

export const storageSentence =
  "The server cannot write anything down at the moment. Your edits are kept with you and are sent again.";

/** Something has not happened, because storage fails. */
export class StorageFailure extends Error {}

export interface Edit {
  readonly update: Uint8Array;
  /** The connection that made it. */
  readonly author: string;
}

export type Written =
  /**
   * All is durable but the invalid edits. `updates` are for everybody but their author, in as few pieces as possible;
   * `answers` are changes of the room itself, for everybody.
   */
  | {
      readonly ok: true;
      readonly updates: readonly Uint8Array[];
      readonly answers: readonly Uint8Array[];
      readonly invalid: readonly Edit[];
    }
  /** Nothing of it counts: it must be asked for again. */
  | { readonly ok: false };

export interface JournalOptions {
  readonly host: RoomHost;
  readonly storage: RoomStorage;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => Promise<void>) => void;
  /** Storage has begun to fail. */
  readonly onStorageFailure: () => void;
  /** It works again. */
  readonly onStorageRecovery: () => void | Promise<void>;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #retry: StorageRetry;
  #document: RoomDocument | undefined;
  #opening: Promise<RoomDocument> | undefined;

  constructor(options: JournalOptions) {
    const { host, storage, run, onStorageRecovery } = options;
    this.#options = options;
    this.#retry = new StorageRetry({
      clock: host.clock,
      storage,
      failures: host.failedWrites ?? 0,
      run,
      onEnd: onStorageRecovery,
    });
  }

  /** Nothing can be stored at present. */
  get storageFails(): boolean {
    return this.#retry.isPending;
  }

  /** What the document says the project is called; undefined while it is not open. */
  get name(): string | undefined {
    return this.#document?.name;
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

  /** Stores the first content, together with the values that make a project of it. */
  async begin(update: Uint8Array, meta: Readonly<Record<string, string>>): Promise<void> {
    const document = await this.open();
    try {
      await document.commit([update], meta);
    } catch (thrown) {
      this.#forget();
      throw thrown;
    }
  }

  /**
   * Changes files in the open document. The update must be written before anybody is answered from the document.
   * Rejects with what `change` throws, where the document is full and where storage fails; nothing has changed then.
   */
  async edit<T>(change: (project: Project) => T): Promise<Edited<T>> {
    if (this.#retry.isPending) throw new StorageFailure(storageSentence);
    const document = await this.open();
    try {
      return document.edit(change);
    } catch (thrown) {
      this.#forget();
      throw thrown;
    }
  }

  /** One batch at a time. Never rejects. */
  write(edits: readonly Edit[]): MaybePromise<Written> {
    if (this.#retry.isPending) return { ok: false };
    // It may be under way to be read again.
    if (this.#document === undefined) return this.#writeEach(edits);
    const failed = (thrown: unknown): MaybePromise<Written> => {
      if (!(thrown instanceof InvalidUpdate)) return this.#fail(thrown);
      this.#forget();
      return this.#writeEach(edits);
    };
    const written = ({ update, answer }: Committed): Written => ({
      ok: true,
      updates: [update],
      answers: answer === undefined ? [] : [answer],
      invalid: [],
    });
    try {
      const stored = this.#document.commit(edits.map(({ update }) => update));
      return stored instanceof Promise ? stored.then(written, failed) : written(stored);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  dispose(): void {
    this.#retry.dispose();
    this.#document?.destroy();
  }

  /** Edit by edit: an invalid one must not take along the others of its batch. */
  async #writeEach(edits: readonly Edit[]): Promise<Written> {
    const updates: Uint8Array[] = [];
    const answers: Uint8Array[] = [];
    const invalid: Edit[] = [];
    for (const edit of edits)
      try {
        const { update, answer } = await (await this.open()).commit([edit.update]);
        updates.push(update);
        if (answer !== undefined) answers.push(answer);
      } catch (thrown) {
        if (!(thrown instanceof InvalidUpdate)) return this.#fail(thrown);
        this.#forget();
        invalid.push(edit);
      }
    return { ok: true, updates, answers, invalid };
  }

  #fail(thrown: unknown): Written {
    this.#options.host.log("A project cannot be stored.", thrown);
    this.#forget();
    this.#retry.begin();
    this.#options.onStorageFailure();
    return { ok: false };
  }

  /** The document holds what could not be stored: the next use reads it from storage. */
  #forget(): void {
    this.#document?.destroy();
    this.#document = undefined;
  }
}
