// A colleague's terminal on the page: what they see, as they see it, and whose it is.

import { useSignal } from "@preact/signals";
import { Eye } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SharedTerminal, TerminalRelay } from "./relay.ts";
import { watchTerminal } from "./watched-terminal.ts";

export interface WatchedTerminalViewProps {
  readonly name: string;
  readonly owner: SharedTerminal["owner"];
  readonly channel: string;
  readonly relay: Pick<TerminalRelay, "watch">;
}

export function WatchedTerminalView({ name, owner, channel, relay }: WatchedTerminalViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const closed = useSignal(false);
  useLayoutEffect(
    () =>
      place.current === null
        ? undefined
        : watchTerminal(place.current, relay, channel, (open) => (closed.value = !open)),
    [relay, channel, closed],
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
        <Eye size={14} aria-hidden="true" />
        {closed.value
          ? `${owner.name} has closed this terminal.`
          : `You are watching ${owner.name}'s machine.`}
      </p>
    </section>
  );
}
