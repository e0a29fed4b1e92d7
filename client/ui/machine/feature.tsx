// This person's machine as a feature of the workspace: how it is, commands that start, stop and reset it.

import { computed, type ReadonlySignal } from "@preact/signals";
import { Power, PowerOff, RotateCcw } from "lucide-preact";
import type { Machine, MachineState } from "#core/machine/machine.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { MachineChip } from "./machine-chip.tsx";
import { ResetDialog } from "./reset-dialog.tsx";

export interface MachineOptions {
  readonly shell: Shell;
  readonly machine: Pick<Machine, "start" | "stop">;
  readonly state: ReadonlySignal<MachineState>;
  /** One's role lets one run things, now. */
  readonly mayRun: () => boolean;
  /** The machine as it was at first. */
  readonly reset: () => Promise<void>;
}

export function machineFeature({ shell, machine, state, mayRun, reset }: MachineOptions): Feature {
  // What goes wrong is in the machine's state, and shown there.
  const stop = (): Promise<void> => machine.stop().catch(() => undefined);
  const restart = async (): Promise<void> => {
    await stop();
    await machine.start().catch(() => undefined);
  };
  return {
    commands: () =>
      mayRun()
        ? [
            {
              id: "restart-machine",
              label: "Start or restart this machine",
              icon: Power,
              run: () => void restart(),
            },
            { id: "stop-machine", label: "Stop this machine", icon: PowerOff, run: () => void stop() },
            {
              id: "reset-machine",
              label: "Reset this machine",
              icon: RotateCcw,
              run: () => shell.openDialog("reset"),
            },
          ]
        : [],
    status: () => <MachineChip shell={shell} state={state} />,
    presence: computed(() => ({ machine: told(state.value) })),
    dialogs: {
      reset: (close) => <ResetDialog onReset={() => void reset()} onClose={close} />,
    },
  };
}

/** What the others are told of it. */
function told(state: MachineState): "off" | "starting" | "running" | "failed" {
  switch (state.kind) {
    case "fetching":
    case "restoring":
    case "booting":
      return "starting";
    default:
      return state.kind;
  }
}
