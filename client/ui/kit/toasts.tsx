// Quiet lines in a corner: something happened, perhaps with one thing to do about it. They leave by themselves.

import { signal } from "@preact/signals";
import { X } from "lucide-preact";
import { Button, IconButton } from "./button.tsx";
import { JobList } from "./jobs.tsx";
import "./toasts.css";

export interface ToastOptions {
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** A problem stays until it is closed. */
  readonly problem?: boolean;
}

/** Milliseconds; a toast with an action leaves time to think. */
const plainTime = 4000;
const actionTime = 10_000;
const mostShown = 4;

interface Toast extends ToastOptions {
  readonly id: number;
}

const shown = signal<readonly Toast[]>([]);
let lastId = 0;

function close(id: number): void {
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

/** Shows a line; the returned function takes it away again. */
export function toast(options: ToastOptions): () => void {
  lastId += 1;
  const id = lastId;
  const others = shown.value.filter((other) => other.message !== options.message);
  shown.value = [...others, { ...options, id }].slice(-mostShown);
  if (options.problem !== true)
    setTimeout(() => close(id), options.action === undefined ? plainTime : actionTime);
  return () => close(id);
}

export function ToastLayer() {
  return (
    <div class="kit-toasts" role="status" aria-live="polite" aria-label="Messages">
      <JobList />
      {shown.value.map((item) => (
        <div class={item.problem === true ? "kit-toast kit-toast-problem" : "kit-toast"} key={item.id}>
          <span>{item.message}</span>
          {item.action === undefined ? null : (
            <Button
              kind="quiet"
              onClick={() => {
                close(item.id);
                item.action?.run();
              }}
            >
              {item.action.label}
            </Button>
          )}
          <IconButton icon={X} size="small" label="Dismiss" onClick={() => close(item.id)} />
        </div>
      ))}
    </div>
  );
}
