// A colleague's terminal on the page: what they see, as they see it, and whose it is.

import { useSignal } from "@preact/signals";
import { Eye, Keyboard } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SharedTerminal, TerminalRelay } from "./relay.ts";
import { watchTerminal } from "./watched-terminal.ts";

export interface WatchedTerminalViewProps {
  readonly name: string;
  readonly owner: SharedTerminal["owner"];
  readonly channel: string;
  readonly relay: Pick<TerminalRelay, "watch" | "input">;
  /** One may type where that is offered. */
  readonly canType: boolean;
}

export function WatchedTerminalView({ name, owner, channel, relay, canType }: WatchedTerminalViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const closed = useSignal(false);
  const offered = useSignal(false);
  useLayoutEffect(
    () =>
      place.current === null
        ? undefined
        : watchTerminal(place.current, relay, channel, {
            onOpen: (open) => (closed.value = !open),
            onOffered: (now) => (offered.value = now),
            canType,
          }),
    [relay, channel, closed, offered, canType],
  );
  return (
    <section
      class="terminal-region terminal-region-watched"
      role="region"
      aria-label={name}
      style={{ "--who": owner.color }}
    >
      <div class="terminal-place" ref={place} />
      <p class="terminal-watching">
        {offered.value && canType ? (
          <Keyboard size={14} aria-hidden="true" />
        ) : (
          <Eye size={14} aria-hidden="true" />
        )}
        {closed.value
          ? `${owner.name} has closed this terminal.`
          : offered.value && canType
            ? `You may type here: it goes to ${owner.name}'s machine.`
            : `You are watching ${owner.name}'s machine.`}
      </p>
    </section>
  );
}
