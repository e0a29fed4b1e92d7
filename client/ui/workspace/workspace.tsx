// The workspace of one project: bar, sidebar, tabs, panel at the bottom, and what lies over them. What they hold is
// brought by features.

import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { rootId } from "#core/project/project.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import type { Command } from "#ui/kit/feature.ts";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { keyLabel } from "#ui/kit/keys.ts";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { walk } from "#ui/kit/walk.ts";
import { commandFor } from "./commands.ts";
import { FileView } from "./file-view.tsx";
import { GoneFiles } from "./gone-files.ts";
import { bottomRange, partOf, resizeGroups, setPanel, sidebarRange } from "./layout.ts";
import type { LiveSession } from "./live-session.ts";
import { Palette } from "./palette.tsx";
import type { PaletteEntry } from "./palette.tsx";
import { moveBetweenRegions } from "./regions.ts";
import { Resizer } from "./resizer.tsx";
import { TabGroup } from "./tab-group.tsx";
import { TopBar } from "./top-bar.tsx";
import type { WorkspaceModel } from "./workspace-model.ts";
import "./workspace.css";
import "./print.css";

export interface WorkspaceProps {
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
  readonly editors: CodeEditorFactory;
  /** What the reader has to know of until they have done something about it. */
  readonly notices: ComponentChildren;
  readonly onDownload: (file: NodeId) => void;
  /** Makes a notebook of a Jupyter file. */
  readonly onImport: (file: NodeId) => void;
}

export function Workspace(props: WorkspaceProps) {
  const { live, model } = props;
  const root = useRef<HTMLDivElement>(null);
  useKeys(root, model);
  const sidebarOpen = model.shows("sidebar");
  const bottomOpen = model.shows("bottom");
  const layout = model.layout.value;
  const modal = model.narrow.value && model.sheet.value !== undefined;

  return (
    <div class={model.narrow.value ? "workspace workspace-narrow" : "workspace"} ref={root}>
      <TopBar live={live} model={model} />
      {props.notices}
      <div class="workspace-body">
        <aside
          class="sidebar"
          data-region="files"
          aria-label="Sidebar"
          hidden={!sidebarOpen}
          style={{ width: `${layout.sidebar.size}px` }}
        >
          <div class="sidebar-content">{model.sidebar?.draw()}</div>
          {model.narrow.value ? null : (
            <Resizer
              label="Width of the sidebar"
              orientation="vertical"
              value={layout.sidebar.size}
              least={sidebarRange.least}
              most={sidebarRange.most}
              onMove={(pixels) =>
                model.update((now) => setPanel(now, "sidebar", { size: now.sidebar.size + pixels }))
              }
            />
          )}
        </aside>
        {modal ? <div class="workspace-scrim" onPointerDown={() => (model.sheet.value = undefined)} /> : null}
        <div class="workspace-main">
          <Centre {...props} />
          <section
            class={bottomOpen ? "bottom" : "bottom bottom-closed"}
            data-region="terminals"
            aria-label="Terminals"
            onClickCapture={(event) => {
              // The bar of a closed panel stays: choosing a terminal there opens the panel.
              if (event.target instanceof Element && event.target.closest("button, [role=tab]") !== null)
                model.show("bottom", true);
            }}
          >
            {bottomOpen && !model.narrow.value ? (
              <Resizer
                label="Height of the terminals"
                orientation="horizontal"
                value={layout.bottom.size}
                least={bottomRange.least}
                most={bottomRange.most}
                onMove={(pixels) =>
                  model.update((now) => setPanel(now, "bottom", { size: now.bottom.size - pixels }))
                }
              />
            ) : null}
            {/* Closed, it keeps its height behind the edge: programs see no other size of their terminal. */}
            <div class="bottom-content" style={{ height: `${layout.bottom.size}px` }}>
              {model.features.value.map((feature) => feature.bottom?.())}
            </div>
          </section>
        </div>
      </div>
      <OpenDialog live={live} model={model} />
    </div>
  );
}

function OpenDialog({ live, model }: { readonly live: LiveSession; readonly model: WorkspaceModel }) {
  const name = model.dialog.value;
  const close = (): void => {
    model.dialog.value = undefined;
  };
  switch (name) {
    case undefined:
      return null;
    case "commands":
      return (
        <Palette
          label="Commands"
          placeholder="Do what?"
          entries={[...model.commands.value.map(commandEntry), ...fileEntries(live.session.project, model)]}
          onClose={close}
        />
      );
    case "files":
      return (
        <Palette
          label="Open a file"
          placeholder="Which file?"
          entries={fileEntries(live.session.project, model)}
          onClose={close}
        />
      );
    default:
      return <>{model.features.value.map(({ dialogs }) => dialogs?.[name]?.(close))}</>;
  }
}

function Centre(props: WorkspaceProps) {
  const { live, model, editors, onDownload, onImport } = props;
  const { project } = live.session;
  const version = useSignal(0);
  useEffect(
    () =>
      project.changes.on((change) => {
        if (change.directories.size > 0) version.value += 1;
      }),
    [project, version],
  );
  const gone = useMemo(() => new GoneFiles(project), [project]);
  useEffect(() => gone.start(), [gone]);
  const row = useRef<HTMLDivElement>(null);
  const groups = useComputed(() => model.layout.value.groups);
  void version.value;
  const empty = live.ready.value ? <Nothing /> : <Loading />;
  return (
    <main class="centre" data-region="centre" ref={row}>
      {groups.value.map((group, index) => (
        <GroupSlot key={group.id}>
          {index === 0 ? null : (
            <Resizer
              label="Width of the tabs to the left"
              orientation="vertical"
              value={partOf(model.layout.value, index - 1)}
              least={0}
              most={100}
              onMove={(pixels) => {
                const width = row.current?.clientWidth ?? 1;
                model.update((layout) => resizeGroups(layout, index - 1, pixels / width));
              }}
            />
          )}
          <TabGroup
            model={model}
            group={group}
            entryOf={(file) => project.entry(file)}
            isGone={(file) => gone.has(file)}
            pathOf={(file) => project.path(file)}
            empty={empty}
            renderFile={(file, visible) =>
              live.ready.value ? (
                <FileView
                  file={file}
                  gone={gone.has(file)}
                  visible={visible}
                  live={live}
                  model={model}
                  editors={editors}
                  onDownload={onDownload}
                  onImport={onImport}
                />
              ) : (
                <Loading />
              )
            }
          />
        </GroupSlot>
      ))}
    </main>
  );
}

/** A group with the edge to its left: one keyed child, so that moving groups keeps their files mounted. */
function GroupSlot({ children }: { readonly children: ComponentChildren }) {
  return <>{children}</>;
}

function Nothing() {
  return (
    <div class="nothing">
      <p>
        <kbd>{keyLabel("Mod-P")}</kbd> opens a file by name
      </p>
      <p>
        <kbd>{keyLabel("Mod-K")}</kbd> does anything else
      </p>
    </div>
  );
}

function Loading() {
  return (
    <div class="page-skeleton">
      <Skeleton lines={9} label="Loading the project" />
    </div>
  );
}

function commandEntry(command: Command): PaletteEntry {
  const Icon = command.icon;
  return {
    id: command.id,
    label: command.label,
    ...(Icon === undefined ? {} : { icon: () => <Icon size={15} aria-hidden="true" /> }),
    ...(command.shortcut === undefined ? {} : { shortcut: command.shortcut }),
    run: command.run,
  };
}

function fileEntries(project: Project, model: WorkspaceModel): PaletteEntry[] {
  const entries: PaletteEntry[] = [];
  for (const { entry, path } of walk(project, rootId))
    if (entry.kind !== "dir") entries.push(fileEntry(entry, path.slice(0, -entry.name.length - 1), model));
  return entries;
}

function fileEntry(entry: Entry, path: string, model: WorkspaceModel): PaletteEntry {
  return {
    id: `file-${entry.id}`,
    label: entry.name,
    note: path,
    icon: () => <FileIcon kind={entry.kind} name={entry.name} />,
    run: () => model.open(entry.id, true),
  };
}

function useKeys(root: { readonly current: HTMLElement | null }, model: WorkspaceModel): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (document.querySelector("dialog[open], .kit-menu") !== null) return;
      if (event.key === "F6" && root.current !== null) {
        moveBetweenRegions(document, event.shiftKey ? -1 : 1);
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      if (event.key === "Escape" && model.sheet.value !== undefined) {
        model.sheet.value = undefined;
        return;
      }
      const command = commandFor(event, model.commands.peek());
      if (command === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      command.run();
    };
    // Before Monaco and xterm, which would take the keys.
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, [root, model]);
}
