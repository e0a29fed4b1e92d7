// One field that finds: commands, or files by name. Arrows choose, Enter does it, Esc leaves.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isComposing, keyLabel } from "#ui/kit/keys.ts";
import { matchScore } from "./commands.ts";
import "./palette.css";

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  /** Quieter, after the label: a folder. */
  readonly note?: string;
  /** Drawn for the rows that are shown. */
  readonly icon?: () => ComponentChildren;
  readonly shortcut?: string;
  readonly run: () => void;
}

export interface PaletteProps {
  readonly label: string;
  readonly placeholder: string;
  readonly entries: readonly PaletteEntry[];
  readonly onClose: () => void;
}

/** Rows that are shown; who needs more types a letter more. */
const mostShown = 50;

export function Palette({ label, placeholder, entries, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const typed = useSignal("");
  const chosen = useSignal(0);
  // In the task of the key that opens it: what is typed next belongs to the field.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, []);

  const found = entries
    .flatMap((entry) => {
      const score =
        matchScore(entry.label, typed.value) ?? matchScore(`${entry.note ?? ""}/${entry.label}`, typed.value);
      return score === undefined ? [] : [{ entry, score }];
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, mostShown)
    .map(({ entry }) => entry);
  const at = Math.min(chosen.value, Math.max(0, found.length - 1));

  const choose = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    // After the dialog has given the focus back: the command may want it.
    setTimeout(entry.run);
  };
  const onKey = (event: KeyboardEvent): void => {
    // Its arrows choose among what the input method offers.
    if (isComposing(event)) {
      if (event.key === "Escape") event.preventDefault();
      return;
    }
    if (event.key === "ArrowDown") chosen.value = (at + 1) % Math.max(1, found.length);
    else if (event.key === "ArrowUp") chosen.value = (at - 1 + found.length) % Math.max(1, found.length);
    else if (event.key === "Enter") choose(found[at]);
    else return;
    event.preventDefault();
    requestAnimationFrame(() =>
      list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }),
    );
  };

  return (
    <dialog
      class="palette"
      aria-label={label}
      ref={dialog}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label={placeholder}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length > 0 ? `palette-${at}` : undefined}
        placeholder={placeholder}
        spellcheck={false}
        autoComplete="off"
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKey}
      />
      <ul role="listbox" id="palette-list" aria-label={label} ref={list}>
        {found.map((entry, index) => (
          <li
            key={entry.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerMove={() => (chosen.value = index)}
            onClick={() => choose(entry)}
          >
            <span class="palette-icon">{entry.icon?.()}</span>
            <span class="palette-label">{entry.label}</span>
            {entry.note === undefined || entry.note === "" ? null : (
              <span class="palette-note">{entry.note}</span>
            )}
            {entry.shortcut === undefined ? null : <kbd>{keyLabel(entry.shortcut)}</kbd>}
          </li>
        ))}
      </ul>
      <p role="status" class={found.length === 0 ? "palette-none" : "visually-hidden"}>
        {found.length === 0 ? "Nothing of that name." : typed.value === "" ? "" : `${found.length} found`}
      </p>
    </dialog>
  );
}
