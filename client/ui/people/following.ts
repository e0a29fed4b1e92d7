// Following a colleague: what they look at is shown here, until this person touches anything. Knows no layout:
// it is told how to show a place.

import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import type { Member } from "./members.ts";
import type { Where } from "./whereabouts.ts";

/** Where somebody's eyes are. */
export interface Sight extends Where {
  /** In a text file; 1 is the first. */
  readonly line?: number;
}

export interface FollowingOptions {
  readonly members: ReadonlySignal<readonly Member[]>;
  readonly sightOf: (member: Member) => Sight;
  readonly show: (sight: Sight) => void;
  /** Where this person's hands are noticed: the window. */
  readonly hands: Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/** A hand on anything. */
const touches = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

export class Following {
  /** Whom this person follows; undefined as soon as they are gone. */
  readonly who: ReadonlySignal<Member | undefined>;
  readonly #person = signal<string | undefined>(undefined);
  readonly #disposers = new DisposerStack();
  #shown = "";

  constructor(options: FollowingOptions) {
    const { members, sightOf, show, hands } = options;
    this.who = computed(() => {
      const id = this.#person.value;
      return id === undefined
        ? undefined
        : members.value.find((member) => !member.self && member.person.id === id);
    });
    this.#disposers.add(
      effect(() => {
        const member = this.who.value;
        if (member === undefined) return;
        untracked(() => {
          const sight = sightOf(member);
          const key = JSON.stringify(sight);
          if (key === this.#shown) return;
          this.#shown = key;
          show(sight);
        });
      }),
    );
    for (const touch of touches)
      hands.addEventListener(touch, this.#onTouch, { capture: true, passive: true });
    this.#disposers.add(() => {
      for (const touch of touches) hands.removeEventListener(touch, this.#onTouch, { capture: true });
    });
  }

  start(member: Member): void {
    this.#shown = "";
    this.#person.value = member.person.id;
  }

  stop(): void {
    this.#person.value = undefined;
  }

  dispose(): void {
    this.stop();
    this.#disposers.dispose();
  }

  readonly #onTouch = (): void => this.stop();
}
