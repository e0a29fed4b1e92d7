// A colleague's terminal on the page: what they see, as they see it, and whose it is.

import { useSignal } from "@preact/signals";
import { Eye, Keyboard } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SharedTerminal, TerminalRelay } from "./relay.ts";
import { watchTerminal, type Typing } from "./watched-terminal.ts";

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
  const typing = useSignal<Typing>("closed");
  const lost = useSignal(0);
  useLayoutEffect(
    () =>
      place.current === null
        ? undefined
        : watchTerminal(place.current, relay, channel, {
            onOpen: (open) => (closed.value = !open),
            onTyping: (now) => {
              // Who may type again has read what was lost.
              if (now === "open" && typing.value !== "open") lost.value = 0;
              typing.value = now;
            },
            onLost: (count) => (lost.value += count),
            canType,
          }),
    [relay, channel, closed, typing, lost, canType],
  );
  return (
    <section
      class="terminal-region terminal-region-watched"
      role="region"
      aria-label={name}
      style={{ "--who": owner.color }}
    >
      <div class="terminal-place" ref={place} />
      <p class="terminal-watching" role="status">
        {typing.value === "open" ? (
          <Keyboard size={14} aria-hidden="true" />
        ) : (
          <Eye size={14} aria-hidden="true" />
        )}
        {closed.value ? `${owner.name} has closed this terminal.` : typingWords(typing.value, owner.name)}
        {lost.value === 0 ? null : (
          <strong>
            {lost.value.toLocaleString("en")} {lost.value === 1 ? "character" : "characters"} that you typed
            did not arrive.
          </strong>
        )}
      </p>
    </section>
  );
}

function typingWords(typing: Typing, owner: string): string {
  switch (typing) {
    case "open":
      return `You may type here: it goes to ${owner}'s machine.`;
    case "offline":
      return `Not connected: you can type here again when the connection is back.`;
    case "closed":
      return `You are watching ${owner}'s machine.`;
    default:
      return typing satisfies never;
  }
}
