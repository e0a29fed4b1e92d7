// Menus, opened from anywhere by openMenu: keyboard first, one at a time, focus goes back where it was.

import { signal } from "@preact/signals";
import type { LucideIcon } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { keyLabel } from "./keys.ts";
import "./menu.css";

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly shortcut?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** A tick before the label. */
  readonly checked?: boolean;
  readonly run: () => void;
}

export interface MenuOptions {
  /** An element to hang below, or a point (of a right click). */
  readonly at: Element | { readonly x: number; readonly y: number };
  readonly label: string;
  readonly items: readonly (MenuItem | "separator")[];
  readonly align?: "start" | "end";
}

const open = signal<MenuOptions | undefined>(undefined);

export function openMenu(options: MenuOptions): void {
  open.value = options;
}

function closeMenu(): void {
  open.value = undefined;
}

export function MenuLayer() {
  const options = open.value;
  return options === undefined ? null : <Menu key={options} options={options} />;
}

function Menu({ options }: { readonly options: MenuOptions }) {
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const own = element.getBoundingClientRect();
    const anchor = options.at instanceof Element ? options.at.getBoundingClientRect() : undefined;
    const point = options.at instanceof Element ? { x: 0, y: 0 } : options.at;
    const wantedLeft =
      anchor === undefined ? point.x : options.align === "end" ? anchor.right - own.width : anchor.left;
    const wantedTop = anchor === undefined ? point.y : anchor.bottom + 4;
    const above = anchor === undefined ? point.y - own.height : anchor.top - 4 - own.height;
    element.style.left = `${Math.max(4, Math.min(wantedLeft, innerWidth - own.width - 4))}px`;
    element.style.top = `${wantedTop + own.height > innerHeight - 4 ? Math.max(4, above) : wantedTop}px`;
  }, [options]);

  useLayoutEffect(() => {
    const before = document.activeElement;
    const menu = box.current;
    const items = (): HTMLElement[] => [
      ...(box.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled=true])") ?? []),
    ];
    items()[0]?.focus();
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return;
      closeMenu();
    };
    const onKey = (event: KeyboardEvent): void => {
      const all = items();
      const at = all.indexOf(document.activeElement as HTMLElement);
      const go = (index: number): void => all.at(index % all.length)?.focus();
      if (event.key === "Escape" || event.key === "Tab") closeMenu();
      else if (event.key === "ArrowDown") go(at + 1);
      else if (event.key === "ArrowUp") go(at - 1);
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(-1);
      else if (event.key === "Enter" || event.key === " ") all[at]?.click();
      else if (event.key.length === 1) {
        const letter = event.key.toLowerCase();
        const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
        after.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("pointerdown", onPointer, { capture: true });
    document.addEventListener("keydown", onKey, { capture: true });
    addEventListener("blur", closeMenu);
    return () => {
      document.removeEventListener("pointerdown", onPointer, { capture: true });
      document.removeEventListener("keydown", onKey, { capture: true });
      removeEventListener("blur", closeMenu);
      // Unless the chosen command has put the focus elsewhere already.
      const now = document.activeElement;
      if (now !== null && now !== document.body && menu?.contains(now) !== true) return;
      if (before instanceof HTMLElement && before !== document.body) before.focus();
    };
  }, [options]);

  return (
    <div class="kit-menu" role="menu" aria-label={options.label} ref={box}>
      {options.items.map((item, index) =>
        item === "separator" ? (
          <div class="kit-menu-separator" role="separator" key={index} />
        ) : (
          <MenuRow item={item} key={index} />
        ),
      )}
    </div>
  );
}

function MenuRow({ item }: { readonly item: MenuItem }) {
  const Icon = item.icon;
  const choose = (): void => {
    closeMenu();
    item.run();
  };
  return (
    <div
      class={item.danger === true ? "kit-menu-item kit-menu-danger" : "kit-menu-item"}
      role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
      aria-checked={item.checked}
      aria-disabled={item.disabled ?? false}
      tabIndex={-1}
      onClick={item.disabled === true ? undefined : choose}
      onPointerMove={(event) => event.currentTarget.focus()}
    >
      <span class="kit-menu-icon">
        {item.checked === true ? "✓" : Icon === undefined ? null : <Icon size={14} aria-hidden="true" />}
      </span>
      <span class="kit-menu-label">{item.label}</span>
      {item.shortcut === undefined ? null : <kbd>{keyLabel(item.shortcut)}</kbd>}
    </div>
  );
}
