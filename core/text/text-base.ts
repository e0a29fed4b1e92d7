// A working copy of a shared text: what its writer changed is committed over everything that happened to the text since
// the copy was taken. core/project/SPEC.md section 4.

import type * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { diffText } from "./diff.ts";
import { Drift } from "./drift.ts";
import type { TextVersion } from "./drift.ts";
import { applyToText, editsOfDelta } from "./shared-text.ts";

/** A text as it was when a working copy of it was taken. Follows what happens to the text from then on. */
export class TextBase {
  readonly target: Y.Text;
  #text: string;
  #drift: Drift;
  #own: Y.Transaction | undefined;
  #written: TextVersion | undefined;
  readonly #stop: Disposer;

  /** Without a version, the text as it is now. */
  constructor(target: Y.Text, version?: TextVersion) {
    this.target = target;
    this.#text = version?.text ?? target.toJSON();
    this.#drift = version?.drift.copy() ?? new Drift(this.#text.length);
    const follow = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
      if (transaction !== this.#own) this.#drift.add(editsOfDelta(event.delta));
    };
    target.observe(follow);
    this.#stop = () => target.unobserve(follow);
  }

  /** The text as it was at the last commit, or at first. */
  get text(): string {
    return this.#text;
  }

  /** What was committed last, as its writer knows it. */
  get written(): TextVersion | undefined {
    return this.#written;
  }

  /** Brings what was changed from `text` to `mine` into the document; then what is there now is the base. */
  commit(mine: string): void {
    const own = diffText(this.#text, mine);
    const edits = this.#drift.carry(own);
    const after = this.#drift.copy();
    after.add(edits);
    this.#written = { text: mine, drift: after.ofWritten(own, edits) };
    if (edits.length > 0) {
      const apply = (transaction: Y.Transaction): void => {
        this.#own = transaction;
        applyToText(this.target, edits);
      };
      if (this.target.doc === null) throw new Error("invariant violation: a text outside of its document");
      this.target.doc.transact(apply);
    }
    this.rebase();
  }

  /** Takes the text as it is now for the base. */
  rebase(): void {
    this.#text = this.target.toJSON();
    this.#drift = new Drift(this.#text.length);
  }

  dispose(): void {
    this.#stop();
  }
}
