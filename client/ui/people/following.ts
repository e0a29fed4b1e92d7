// Following a colleague: what they look at is shown here, until this person inputEvents anything. Knows no layout:
// it is told how to show a place.

import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import type { Member } from "./members.ts";
import type { Where } from "./whereabouts.ts";

/** What somebody looks at. */
export interface Viewport extends Where {
  /** In a text file; 1 is the first. */
  readonly line?: number;
}

export interface FollowingOptions {
  readonly members: ReadonlySignal<readonly Member[]>;
  readonly viewportOf: (member: Member) => Viewport;
  readonly show: (viewport: Viewport) => void;
  /** Where this person's input events arrive: the window. */
  readonly input: Pick<EventTarget, "addEventListener" | "removeEventListener">;
}

/** This person does something themselves. */
const inputEvents = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

export class Following {
  /** Whom this person follows; undefined as soon as they are gone. */
  readonly who: ReadonlySignal<Member | undefined>;
  readonly #person = signal<string | undefined>(undefined);
  readonly #disposers = new DisposerStack();
  #shown = "";

  constructor(options: FollowingOptions) {
    const { members, viewportOf, show, input } = options;
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
          const viewport = viewportOf(member);
          const key = JSON.stringify(viewport);
          if (key === this.#shown) return;
          this.#shown = key;
          show(viewport);
        });
      }),
    );
    for (const type of inputEvents)
      input.addEventListener(type, this.#onInput, { capture: true, passive: true });
    this.#disposers.add(() => {
      for (const type of inputEvents) input.removeEventListener(type, this.#onInput, { capture: true });
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

  readonly #onInput = (): void => this.stop();
}
