// How this person's machine is, and the menu that starts, stops and resets it.

import type { ReadonlySignal } from "@preact/signals";
import { HardDriveDownload, Power, PowerOff, RotateCcw, RotateCw } from "lucide-preact";
import type { MachineState } from "#core/machine/machine.ts";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { Chip } from "#ui/kit/chip.tsx";
import type { Shell } from "#ui/kit/feature.ts";
import { openMenu, type MenuItem } from "#ui/kit/menu.tsx";
import { machineStatus } from "./machine-status.ts";

export interface MachineChipProps {
  readonly shell: Shell;
  readonly state: ReadonlySignal<MachineState>;
}

export function MachineChip(props: MachineChipProps) {
  const { shell } = props;
  const state = props.state.value;
  const status = machineStatus(state);
  const isOff = state.kind === "off" || state.kind === "failed";
  const items: MenuItem[] = [
    isOff
      ? { label: "Start", icon: Power, run: () => shell.run("restart-machine") }
      : { label: "Restart", icon: RotateCw, run: () => shell.run("restart-machine") },
    { label: "Keep everything for offline…", icon: HardDriveDownload, run: () => shell.run("offline") },
    ...(isOff ? [] : [{ label: "Stop", icon: PowerOff, danger: true, run: () => shell.run("stop-machine") }]),
    { label: "Reset…", icon: RotateCcw, danger: true, run: () => shell.run("reset-machine") },
  ];
  return (
    <span class="bar-machine">
      <Chip
        label="Machine"
        tone={status.tone}
        {...(status.detail === undefined ? {} : { title: status.detail })}
      >
        {status.text}
      </Chip>
      {state.kind === "failed" ? (
        <Button kind="quiet" onClick={() => shell.run("restart-machine")}>
          Retry
        </Button>
      ) : (
        <IconButton
          icon={Power}
          size="small"
          label="Machine menu"
          menu
          onClick={(event) => {
            if (event.currentTarget instanceof Element)
              openMenu({ at: event.currentTarget, label: "Your machine", items });
          }}
        />
      )}
    </span>
  );
}
