// One's own terminal on the page, and what its shell is doing where it is not simply running.

import type { ReadonlySignal } from "@preact/signals";
import { RotateCw } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ExitStatus, MachineState } from "#core/machine/machine.ts";
import { Button } from "#ui/kit/button.tsx";
import type { OwnTerminal } from "./own-terminal.ts";

export interface OwnTerminalViewProps {
  readonly terminal: OwnTerminal;
  readonly machineState: ReadonlySignal<MachineState>;
}

export function OwnTerminalView({ terminal, machineState }: OwnTerminalViewProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (place.current === null ? undefined : terminal.attach(place.current)), [terminal]);
  useEffect(() => terminal.focus(), [terminal]);
  const state = terminal.state.value;
  const typist = terminal.typist.value;
  return (
    <section
      class={typist === undefined ? "terminal-region" : "terminal-region terminal-region-typed"}
      role="region"
      aria-label={terminal.title}
      {...(typist === undefined ? {} : { style: { "--who": typist.color } })}
    >
      <div class="terminal-place" ref={place} />
      {state.kind === "starting" ? (
        <p class="terminal-note" role="status" aria-busy={machineState.value.kind === "fetching"}>
          {startingText(machineState.value)}
        </p>
      ) : null}
      {state.kind === "ended" || state.kind === "failed" ? (
        <div class="terminal-note" role="status">
          <span>{state.kind === "ended" ? endText(state.status) : state.reason}</span>
          <Button
            icon={RotateCw}
            onClick={() => {
              terminal.restart();
              terminal.focus();
            }}
          >
            Restart terminal
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function startingText(state: MachineState): string {
  if (state.kind === "fetching" && state.total > 0)
    return `Your machine is starting: ${Math.floor((state.loaded / state.total) * 100)} %`;
  if (state.kind === "booting") return "Your machine is booting Linux, which takes some seconds.";
  return state.kind === "running" ? "The shell is starting." : "Your machine is starting.";
}

function endText(status: ExitStatus): string {
  if (status.signal !== undefined) return `The shell was ended by ${status.signal}.`;
  return status.code === 0 ? "The shell has ended." : `The shell has ended with code ${status.code}.`;
}
