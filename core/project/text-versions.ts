// The versions of one text that somebody still goes by, each followed through everything that happens to the text.
// Knows no files and no programs.

import type * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { Drift } from "#core/text/drift.ts";
import { editsOfDelta } from "#core/text/shared-text.ts";
import type { TextVersion } from "#core/text/drift.ts";
import { diffText } from "#core/text/diff.ts";

export class TextVersions {
  readonly target: Y.Text;
  #followed = new Set<TextVersion>();
  /** The one that is the text as it is now. */
  #current: TextVersion | undefined;
  readonly #stop: Disposer;

  constructor(target: Y.Text) {
    this.target = target;
    const follow = ({ delta }: Y.YTextEvent): void => {
      const edits = editsOfDelta(delta);
      for (const { drift } of this.#followed) drift.add(edits);
      this.#current = undefined;
    };
    target.observe(follow);
    this.#stop = () => target.unobserve(follow);
  }

  /** The text as it is now. Not to be asked within a transaction that has changed it. */
  now(): TextVersion {
    if (this.#current !== undefined) return this.#current;
    const text = this.target.toJSON();
    this.#current = { text, drift: new Drift(text.length) };
    this.#followed.add(this.#current);
    return this.#current;
  }

  /** Follows a version that was known elsewhere until now. */
  adopt(version: TextVersion): TextVersion {
    if (version.text === (this.#current?.text ?? this.target.toJSON())) return this.now();
    this.#followed.add(version);
    return version;
  }

  /** A version to whose end its knower has added something. */
  extended(version: TextVersion, addition: string): TextVersion {
    const text = version.text + addition;
    if (!this.target.toJSON().endsWith(addition)) return this.of(text);
    return this.adopt({ text, drift: version.drift.withEnd(version.text.length, addition.length) });
  }

  /** A text that differs from the one that is there now in what others did, and in nothing else. */
  of(text: string): TextVersion {
    const now = this.#current?.text ?? this.target.toJSON();
    if (text === now) return this.now();
    const drift = new Drift(text.length);
    drift.add(diffText(text, now));
    const version = { text, drift };
    this.#followed.add(version);
    return version;
  }

  /** Follows no others any longer. */
  retain(versions: ReadonlySet<TextVersion>): void {
    if (this.#current !== undefined && !versions.has(this.#current)) this.#current = undefined;
    this.#followed = new Set([...this.#followed].filter((version) => versions.has(version)));
  }

  dispose(): void {
    this.#stop();
  }
}
