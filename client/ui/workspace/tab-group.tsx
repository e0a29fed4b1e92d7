// One group of tabs and the files behind them. A file stays mounted while its tab is open: scroll, folds and undo survive.

import { useSignal } from "@preact/signals";
import { Columns2, X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Entry, NodeId } from "#core/project/project.ts";
import { IconButton } from "#ui/kit/button.tsx";
import { FileIcon } from "#ui/kit/file-icon.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import { activate, closeOthers, closeTab, focusGroup, moveTab, splitRight } from "./layout.ts";
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
  const strip = useRef<HTMLDivElement>(null);
  const opened = useRef(new Set<NodeId>());
  if (group.active !== undefined) opened.current.add(group.active);
  for (const file of opened.current) if (!group.tabs.includes(file)) opened.current.delete(file);

  useEffect(() => {
    strip.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [group.active]);

  const focusTab = (): void => {
    requestAnimationFrame(() => strip.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  const onKey = (event: KeyboardEvent): void => {
    const at = group.active === undefined ? -1 : group.tabs.indexOf(group.active);
    const go = (index: number): void => {
      const next = group.tabs.at(index % group.tabs.length);
      if (next !== undefined) model.update((layout) => activate(layout, group.id, next));
      focusTab();
    };
    if (event.key === "ArrowRight") go(at + 1);
    else if (event.key === "ArrowLeft") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Delete" && group.active !== undefined) {
      const file = group.active;
      model.update((layout) => closeTab(layout, group.id, file));
      focusTab();
    } else if ((event.key === "Enter" || event.key === " ") && group.active !== undefined)
      model.focusRequest.value = { file: group.active };
    else return;
    event.preventDefault();
  };

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
      style={{ flexGrow: group.share }}
      onFocusIn={() => model.update((layout) => focusGroup(layout, group.id))}
    >
      <div class="tabs">
        <div
          class="tabs-strip"
          role="tablist"
          aria-label="Open files"
          ref={strip}
          onKeyDown={onKey}
          onWheel={(event) => {
            if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
          }}
          onDragOver={(event) => over(event, group.tabs.length)}
          onDragLeave={() => (dropAt.value = undefined)}
          onDrop={(event) => drop(event, group.tabs.length)}
        >
          {group.tabs.map((file, index) => {
            const entry = entryOf(file);
            const path = pathOf(file);
            const name = entry?.name ?? path.slice(path.lastIndexOf("/") + 1);
            const selected = file === group.active;
            return (
              <div
                class={dropAt.value === index ? "tab tab-drop" : "tab"}
                data-selected={selected}
                data-gone={isGone(file)}
                key={file}
                role="none"
                draggable
                onDragStart={(event) => event.dataTransfer?.setData(tabType, `${group.id} ${file}`)}
                onDragOver={(event) => over(event, index)}
                onDrop={(event) => drop(event, index)}
                onAuxClick={(event) => {
                  if (event.button === 1) model.update((layout) => closeTab(layout, group.id, file));
                }}
                onContextMenu={(event) => {
                  event.preventDefault();
                  openMenu({
                    at: { x: event.clientX, y: event.clientY },
                    label: name,
                    items: [
                      {
                        label: "Close",
                        run: () => model.update((layout) => closeTab(layout, group.id, file)),
                      },
                      {
                        label: "Close others",
                        disabled: group.tabs.length < 2,
                        run: () => model.update((layout) => closeOthers(layout, group.id, file)),
                      },
                      "separator",
                      {
                        label: "Split right",
                        icon: Columns2,
                        run: () => model.update((layout) => splitRight(layout, group.id, file, false)),
                      },
                    ],
                  });
                }}
              >
                <button
                  type="button"
                  role="tab"
                  id={`tab-${group.id}-${file}`}
                  aria-selected={selected}
                  aria-controls={selected ? `panel-${group.id}-${file}` : undefined}
                  tabIndex={selected ? 0 : -1}
                  data-tip={path === name ? undefined : path}
                  onClick={() => model.update((layout) => activate(layout, group.id, file))}
                  onDblClick={() => (model.focusRequest.value = { file })}
                >
                  <FileIcon kind={entry?.kind ?? "text"} name={name} />
                  <span>{name}</span>
                </button>
                <IconButton
                  icon={X}
                  size="small"
                  label={`Close ${name}`}
                  tabIndex={-1}
                  onClick={() => model.update((layout) => closeTab(layout, group.id, file))}
                />
              </div>
            );
          })}
        </div>
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
