// One group of tabs and the files behind them. A file stays mounted while its tab is open: scroll, folds and undo survive.

import { useSignal } from "@preact/signals";
import { ArrowLeft, ArrowRight, Columns2, X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Entry, NodeId } from "#core/project/project.ts";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import type { MenuOptions } from "#ui/kit/menu.tsx";
import { TabList } from "#ui/kit/tab-list.tsx";
import {
  activate,
  canShift,
  closeOthers,
  closeTab,
  focusGroup,
  moveTab,
  shiftTab,
  splitRight,
} from "./layout.ts";
import type { Group } from "./layout.ts";
import type { WorkspaceModel } from "./workspace-model.ts";

/** The drag type of a tab: "<group> <file>". */
const tabType = "application/x-conch-tab";
/** The drag type of a row of the file tree. */
const nodeType = "application/x-conch-node";

export interface TabGroupProps {
  readonly model: WorkspaceModel;
  readonly group: Group;
  readonly entryOf: (file: NodeId) => Entry | undefined;
  /** It is not only away for a moment. */
  readonly isGone: (file: NodeId) => boolean;
  /** Of a deleted file, where it was. */
  readonly pathOf: (file: NodeId) => string;
  readonly renderFile: (file: NodeId, visible: boolean) => ComponentChildren;
  readonly empty: ComponentChildren;
}

export function TabGroup({ model, group, entryOf, isGone, pathOf, renderFile, empty }: TabGroupProps) {
  const dropAt = useSignal<number | "right" | undefined>(undefined);
  const opened = useRef(new Set<NodeId>());
  if (group.active !== undefined) opened.current.add(group.active);
  for (const file of opened.current) if (!group.tabs.includes(file)) opened.current.delete(file);

  const nameOf = (file: NodeId): string => {
    const path = pathOf(file);
    return entryOf(file)?.name ?? path.slice(path.lastIndexOf("/") + 1);
  };
  const close = (file: NodeId): void => model.update((layout) => closeTab(layout, group.id, file));
  /** It may be another group's now. */
  const focusTab = (file: NodeId): void => {
    const id = `tab-${model.layout.value.focus}-${file}`;
    requestAnimationFrame(() => document.getElementById(id)?.focus());
  };
  const shift = (file: NodeId, step: -1 | 1): void => {
    model.update((layout) => shiftTab(layout, group.id, file, step));
    focusTab(file);
  };
  const showMenu = (file: NodeId, name: string, at: MenuOptions["at"]): void =>
    openMenu({
      at,
      label: name,
      items: [
        { label: "Close", icon: X, shortcut: "Delete", run: () => close(file) },
        {
          label: "Close others",
          disabled: group.tabs.length < 2,
          run: () => model.update((layout) => closeOthers(layout, group.id, file)),
        },
        "separator",
        {
          label: "Move left",
          icon: ArrowLeft,
          shortcut: "Ctrl-Shift-←",
          disabled: !canShift(model.layout.value, group.id, file, -1),
          run: () => shift(file, -1),
        },
        {
          label: "Move right",
          icon: ArrowRight,
          shortcut: "Ctrl-Shift-→",
          disabled: !canShift(model.layout.value, group.id, file, 1),
          run: () => shift(file, 1),
        },
        {
          label: "Split right",
          icon: Columns2,
          run: () => {
            model.update((layout) => splitRight(layout, group.id, file, false));
            focusTab(file);
          },
        },
      ],
    });

  const drop = (event: DragEvent, index: number | "right"): void => {
    dropAt.value = undefined;
    const tab = event.dataTransfer?.getData(tabType) ?? "";
    const node = event.dataTransfer?.getData(nodeType) ?? "";
    const [from = "", file = ""] = tab.split(" ");
    if (tab === "" && node === "") return;
    event.preventDefault();
    event.stopPropagation();
    if (tab === "") {
      if (entryOf(node)?.kind === "dir") return;
      model.update((layout) => focusGroup(layout, group.id));
      if (index === "right") model.update((layout) => splitRight(layout, group.id, node, false));
      else model.open(node, false);
    } else if (index === "right")
      model.update((layout) => {
        const source = Number(from);
        const moved = source === group.id ? layout : moveTab(layout, source, file, group.id, 0);
        return splitRight(moved, group.id, file, true);
      });
    else model.update((layout) => moveTab(layout, Number(from), file, group.id, index));
  };
  const over = (event: DragEvent, index: number | "right"): void => {
    const types = event.dataTransfer?.types ?? [];
    if (!types.includes(tabType) && !types.includes(nodeType)) return;
    event.preventDefault();
    event.stopPropagation();
    dropAt.value = index;
  };

  return (
    <div
      class="group"
      data-focused={model.layout.value.focus === group.id}
      style={{ flexGrow: group.share }}
      onFocusIn={() => model.update((layout) => focusGroup(layout, group.id))}
    >
      <div class="tabs">
        <TabList
          label="Open files"
          look="files"
          tabs={group.tabs.map((file) => {
            const entry = entryOf(file);
            const path = pathOf(file);
            const name = nameOf(file);
            return {
              id: file,
              name,
              icon: <FileIcon kind={entry?.kind ?? "text"} name={name} />,
              tip: path === name ? undefined : path,
              gone: isGone(file),
              closable: true,
              element: `tab-${group.id}-${file}`,
              panel: `panel-${group.id}-${file}`,
            };
          })}
          selected={group.active}
          onSelect={(file) => model.update((layout) => activate(layout, group.id, file))}
          onClose={close}
          onEnter={(file) => (model.focusRequest.value = { file })}
          onMove={shift}
          onMenu={(file, at) => showMenu(file, nameOf(file), at)}
          dropAt={typeof dropAt.value === "number" ? dropAt.value : undefined}
          tabEvents={(file, index) => ({
            draggable: true,
            onDragStart: (event) => event.dataTransfer?.setData(tabType, `${group.id} ${file}`),
            onDragOver: (event) => over(event, index),
            onDrop: (event) => drop(event, index),
          })}
          rowEvents={{
            onWheel: (event) => {
              if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
            },
            onDragOver: (event) => over(event, group.tabs.length),
            onDragLeave: () => (dropAt.value = undefined),
            onDrop: (event) => drop(event, group.tabs.length),
          }}
        />
      </div>
      <div
        class={dropAt.value === "right" ? "group-body group-drop-right" : "group-body"}
        onDragOver={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          over(event, event.clientX > box.left + box.width * 0.6 ? "right" : group.tabs.length);
        }}
        onDragLeave={() => (dropAt.value = undefined)}
        onDrop={(event) => drop(event, dropAt.value ?? group.tabs.length)}
      >
        {group.tabs.length === 0 ? empty : null}
        {group.tabs
          .filter((file) => opened.current.has(file))
          .map((file) => (
            <div
              class="group-panel"
              key={file}
              role="tabpanel"
              id={`panel-${group.id}-${file}`}
              aria-labelledby={`tab-${group.id}-${file}`}
              hidden={file !== group.active}
            >
              {renderFile(file, file === group.active)}
            </div>
          ))}
      </div>
    </div>
  );
}
