// Terminals as a feature of the workspace: the panel at the bottom, a command, which ones this person has open.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { SquareTerminal } from "lucide-preact";
import type { Machine, MachineState } from "#core/machine/machine.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import type { SharedTerminal, TerminalRelay } from "./relay.ts";
import { TerminalsPanel } from "./terminals-panel.tsx";
import { Terminals } from "./terminals.ts";

export interface TerminalsFeatureOptions {
  readonly shell: Shell;
  readonly machine: Pick<Machine, "spawn">;
  readonly machineState: ReadonlySignal<MachineState>;
  readonly relay: TerminalRelay;
  /** What the others have open. */
  readonly shared: ReadonlySignal<readonly SharedTerminal[]>;
  readonly mayRun: () => boolean;
}

export function terminalsFeature(options: TerminalsFeatureOptions): Feature {
  const { shell, machine, machineState, relay, shared, mayRun } = options;
  const terminals = new Terminals({ machine, relay, newId: () => crypto.randomUUID() });
  /** The channel of the terminal that is shown, and of the one that has the focus. */
  let shown: string | undefined;
  const entered = signal<string | undefined>(undefined);
  const onShow = (channel: string | undefined): void => {
    shown = channel;
  };
  return {
    commands: () =>
      mayRun()
        ? [
            {
              id: "new-terminal",
              label: "New terminal",
              icon: SquareTerminal,
              shortcut: "Ctrl-`",
              overTerminal: true,
              run: () => {
                terminals.open();
                shell.showBottom();
              },
            },
          ]
        : [],
    bottom: () => (
      <div
        class="fill"
        onFocusIn={() => (entered.value = shown)}
        onFocusOut={(event) => {
          const to = event.relatedTarget;
          if (!(to instanceof Node && event.currentTarget.contains(to))) entered.value = undefined;
        }}
      >
        <TerminalsPanel
          terminals={terminals}
          shared={shared.value}
          relay={relay}
          machineState={machineState}
          canRun={mayRun()}
          onShow={onShow}
        />
      </div>
    ),
    presence: computed(() => ({
      ...(entered.value === undefined ? {} : { where: { terminal: entered.value } }),
      terminals: terminals.own.value.map(({ channel, title, size }) => ({ channel, title, ...size.value })),
    })),
    dispose: () => terminals.dispose(),
  };
}
