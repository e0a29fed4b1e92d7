// A modal dialog on the native element, which keeps the focus inside and gives it back. Esc and the scrim close it.

import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./button.tsx";
import { isComposing } from "./keys.ts";
import "./dialog.css";

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Buttons, right-aligned; a form inside `children` may have its own. */
  readonly actions?: ComponentChildren;
  readonly onClose: () => void;
}

export function Dialog(props: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const { onClose } = props;
  // In the task of what opens it: the next key belongs to the dialog.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog === null) return undefined;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    // Where there is something to write, that is what it was opened for.
    const field = dialog.querySelector<HTMLInputElement>("input[type=text]:not([readonly])");
    field?.focus();
    field?.select();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      class="kit-dialog"
      ref={element}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // The browser sends the form for one of these keys, and closes the dialog for the other.
        if (isComposing(event) && (event.key === "Enter" || event.key === "Escape")) event.preventDefault();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="kit-dialog-box">
        <header>
          <h2>{props.title}</h2>
          <IconButton icon={X} label="Close" shortcut="Esc" onClick={onClose} />
        </header>
        <div class="kit-dialog-body">{props.children}</div>
        {props.actions === undefined ? null : <footer>{props.actions}</footer>}
      </div>
    </dialog>
  );
}
