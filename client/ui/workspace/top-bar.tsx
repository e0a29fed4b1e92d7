// The bar at the top: which project, is it saved, does the machine run, who is here, share.

import { useSignal } from "@preact/signals";
import { Command, Ellipsis, House, Moon, PanelBottom, PanelLeft, Sun } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { maxProjectName } from "#core/project/meta.ts";
import { IconButton } from "#ui/kit/button.tsx";
import { Chip } from "#ui/kit/chip.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import { theme, toggleTheme } from "#ui/kit/theme.ts";
import type { LiveSession } from "./live-session.ts";
import { connectionStatus } from "./connection-status.ts";
import type { WorkspaceModel } from "./workspace-model.ts";

export interface TopBarProps {
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
}

export function TopBar({ live, model }: TopBarProps) {
  const features = model.features.value;
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
        {features.map((feature) => feature.status?.())}
      </div>
      {features.map((feature) => feature.bar?.())}
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
                run: () => model.openDialog("commands"),
              },
              { label: dark ? "Light theme" : "Dark theme", icon: dark ? Sun : Moon, run: toggleTheme },
              ...features.flatMap((feature) => feature.menu?.() ?? []),
              "separator",
              { label: "All projects", icon: House, run: () => location.assign("/") },
            ],
          });
        }}
      />
      {features.map((feature) => feature.action?.())}
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
