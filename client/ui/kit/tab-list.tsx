// A list of tabs, its keys, and a button that closes each. The buttons stand over their tabs but are no part of the
// list, in which only tabs may be.

import { X } from "lucide-preact";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "./button.tsx";
import "./tab-list.css";

interface TabItem {
  readonly id: string;
  readonly name: string;
  readonly icon: ComponentChildren;
  /** Tooltip, where it says more than the name. */
  readonly tip?: string | undefined;
  /** Its file is in the trash. */
  readonly gone?: boolean;
  /** False where it is somebody else's. */
  readonly closable: boolean;
  /** The element's id, and that of what it shows. */
  readonly element?: string;
  readonly panel?: string;
}

export interface TabListProps {
  readonly label: string;
  readonly look: "files" | "terminals";
  readonly tabs: readonly TabItem[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onClose: (id: string) => void;
  /** Enter on the selected tab: into what it shows. */
  readonly onEnter: (id: string) => void;
  /** Ctrl-Shift-Left and Right. The tab may come into another list: whoever moves it moves the focus. */
  readonly onMove?: (id: string, step: -1 | 1) => void;
  /** A right click, or Shift-F10. */
  readonly onMenu?: (id: string, at: Element | { readonly x: number; readonly y: number }) => void;
  /** What else a tab listens to: drags. */
  readonly tabEvents?: (id: string, index: number) => JSX.HTMLAttributes<HTMLDivElement>;
  /** What else the row of tabs listens to. */
  readonly rowEvents?: JSX.HTMLAttributes<HTMLDivElement>;
  /** The tab that something is being dragged to. */
  readonly dropAt?: number | undefined;
}

export function TabList(props: TabListProps) {
  const { tabs, selected, onSelect, onClose, onEnter, onMove, onMenu } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    selectedTab(row.current)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected]);

  const focusSelected = (): void => {
    requestAnimationFrame(() => selectedTab(row.current)?.focus());
  };
  const close = (id: string): void => {
    onClose(id);
    focusSelected();
  };
  const onKey = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const tab = tabs[at];
    const go = (index: number): void => {
      const next = tabs.at(index % tabs.length);
      if (next !== undefined) onSelect(next.id);
      focusSelected();
    };
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (tab === undefined || event.altKey || event.metaKey) return;
    if (event.ctrlKey && event.shiftKey && step !== 0 && onMove !== undefined) {
      onMove(tab.id, step);
    } else if (event.ctrlKey) return;
    else if (step !== 0) go(at + step);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Delete" && tab.closable) close(tab.id);
    else if (event.key === "Enter" || event.key === " ") onEnter(tab.id);
    else if (onMenu !== undefined && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)))
      onMenu(tab.id, selectedTab(row.current) ?? (event.currentTarget as Element));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class={`tab-row tab-row-${props.look}`} ref={row} {...props.rowEvents}>
      <div role="tablist" aria-label={props.label} class="tab-list" onKeyDown={onKey}>
        {tabs.map((tab, index) => (
          <div
            key={tab.id}
            role="tab"
            class={props.dropAt === index ? "tab tab-drop" : "tab"}
            style={{ gridColumn: index + 1 }}
            id={tab.element}
            aria-selected={tab.id === selected}
            aria-controls={tab.id === selected ? tab.panel : undefined}
            aria-keyshortcuts={tab.closable ? "Delete" : undefined}
            tabIndex={tab.id === selected ? 0 : -1}
            data-tip={tab.tip}
            data-gone={tab.gone}
            data-closable={tab.closable}
            onClick={() => onSelect(tab.id)}
            onDblClick={() => onEnter(tab.id)}
            onAuxClick={(event) => {
              if (event.button === 1 && tab.closable) onClose(tab.id);
            }}
            onContextMenu={(event) => {
              if (onMenu === undefined) return;
              event.preventDefault();
              onMenu(tab.id, { x: event.clientX, y: event.clientY });
            }}
            {...props.tabEvents?.(tab.id, index)}
          >
            {tab.icon}
            <span>{tab.name}</span>
          </div>
        ))}
      </div>
      <div class="tab-list">
        {tabs.map((tab, index) =>
          tab.closable ? (
            <span
              key={tab.id}
              class="tab-close"
              data-selected={tab.id === selected}
              style={{ gridColumn: index + 1 }}
            >
              <IconButton
                icon={X}
                size="small"
                label={`Close ${tab.name}`}
                shortcut="Delete"
                tabIndex={-1}
                onClick={() => close(tab.id)}
              />
            </span>
          ) : null,
        )}
      </div>
    </div>
  );
}

function selectedTab(row: HTMLElement | null): HTMLElement | null {
  return row?.querySelector<HTMLElement>("[role=tab][aria-selected=true]") ?? null;
}
