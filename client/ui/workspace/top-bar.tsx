// The bar at the top: which project, is it saved, does the machine run, who is here, share.

import { useSignal } from "@preact/signals";
import {
  Command,
  Ellipsis,
  HardDriveDownload,
  House,
  Moon,
  PanelBottom,
  PanelLeft,
  Power,
  PowerOff,
  RotateCcw,
  RotateCw,
  Share2,
  Sun,
  UserPen,
} from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { maxProjectName } from "#core/project/meta.ts";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { Chip } from "#ui/kit/chip.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import type { MenuItem } from "#ui/kit/menu.tsx";
import { theme, toggleTheme } from "#ui/kit/theme.ts";
import type { LiveSession } from "./live-session.ts";
import { connectionStatus, machineStatus } from "./status.ts";
import type { WorkspaceModel } from "./workspace-model.ts";

export interface TopBarProps {
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
  readonly people: ComponentChildren;
  readonly account: MenuItem | undefined;
}

export function TopBar({ live, model, people, account }: TopBarProps) {
  const dark = theme.value === "dark";
  return (
    <header class="bar" data-region="bar">
      <IconButton
        icon={PanelLeft}
        label={model.shows("sidebar") ? "Hide files" : "Show files"}
        shortcut="Mod-B"
        pressed={model.shows("sidebar")}
        onClick={() => model.toggle("sidebar")}
      />
      <ProjectName live={live} />
      <div class="bar-status">
        <ConnectionChip live={live} />
        {live.kept.value || !live.writable ? null : (
          <Chip
            label="This browser"
            tone="warning"
            title="Without the server, what you do is in this tab alone: leave it open until it is saved."
          >
            Not kept in this browser
          </Chip>
        )}
        {live.machine === undefined ? null : (
          <MachineChip
            live={live}
            onReset={() => (model.overlay.value = "reset")}
            onOffline={() => (model.overlay.value = "offline")}
          />
        )}
      </div>
      {people}
      <IconButton
        icon={PanelBottom}
        label={model.shows("bottom") ? "Hide terminals" : "Show terminals"}
        shortcut="Mod-J"
        pressed={model.shows("bottom")}
        onClick={() => model.toggle("bottom")}
      />
      <IconButton
        icon={Ellipsis}
        label="Menu"
        menu
        onClick={(event) => {
          if (!(event.currentTarget instanceof Element)) return;
          openMenu({
            at: event.currentTarget,
            align: "end",
            label: "Menu",
            items: [
              {
                label: "Commands",
                icon: Command,
                shortcut: "Mod-K",
                run: () => (model.overlay.value = "commands"),
              },
              {
                label: "Your name and colour",
                icon: UserPen,
                run: () => (model.overlay.value = "self"),
              },
              { label: dark ? "Light theme" : "Dark theme", icon: dark ? Sun : Moon, run: toggleTheme },
              "separator",
              ...(account === undefined ? [] : [account]),
              { label: "All projects", icon: House, run: () => location.assign("/") },
            ],
          });
        }}
      />
      <Button kind="primary" icon={Share2} onClick={() => (model.overlay.value = "share")}>
        Share
      </Button>
    </header>
  );
}

function ConnectionChip({ live }: { readonly live: LiveSession }) {
  const status = connectionStatus(
    live.connection.value,
    live.unsaved.value,
    live.storage.value,
    live.kept.value,
    live.writable,
  );
  return (
    <Chip
      label="Connection"
      tone={status.tone}
      {...(status.detail === undefined ? {} : { title: status.detail })}
    >
      {status.text}
    </Chip>
  );
}

function MachineChip(props: {
  readonly live: LiveSession;
  readonly onReset: () => void;
  readonly onOffline: () => void;
}) {
  const { live, onReset, onOffline } = props;
  const { machine } = live;
  const state = live.machineState.value;
  const status = machineStatus(state);
  if (machine === undefined) return null;
  // What goes wrong is in the machine's state, and shown there.
  const start = (): void => void machine.start().catch(() => undefined);
  const stop = (): void => void machine.stop().catch(() => undefined);
  const restart = (): void => void machine.stop().then(start, start);
  const items: MenuItem[] =
    state.kind === "off" || state.kind === "failed"
      ? [
          { label: "Start", icon: Power, run: start },
          { label: "Keep everything for offline…", icon: HardDriveDownload, run: onOffline },
          { label: "Reset…", icon: RotateCcw, danger: true, run: onReset },
        ]
      : [
          { label: "Restart", icon: RotateCw, run: restart },
          { label: "Keep everything for offline…", icon: HardDriveDownload, run: onOffline },
          { label: "Stop", icon: PowerOff, danger: true, run: stop },
          { label: "Reset…", icon: RotateCcw, danger: true, run: onReset },
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
        <Button kind="quiet" onClick={restart}>
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

function ProjectName({ live }: { readonly live: LiveSession }) {
  const editing = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (editing.value) input.current?.select();
  }, [editing.value, editing]);
  const name = live.name.value;
  if (live.role.value !== "owner") return <h1 class="bar-name">{name}</h1>;
  if (!editing.value)
    return (
      <h1 class="bar-name">
        <button type="button" data-tip="Rename the project" onClick={() => (editing.value = true)}>
          {name}
        </button>
      </h1>
    );
  const finish = (value: string): void => {
    const clean = value.trim();
    editing.value = false;
    if (clean !== name) live.rename(clean);
  };
  return (
    <input
      ref={input}
      class="bar-name-input"
      type="text"
      aria-label="Project name"
      defaultValue={name}
      maxLength={maxProjectName}
      spellcheck={false}
      onBlur={(event) => {
        if (editing.value) finish(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish(event.currentTarget.value);
        else if (event.key === "Escape") editing.value = false;
      }}
    />
  );
}
