// Quiet lines in a corner: something happened, perhaps with one thing to do about it. They leave by themselves.

import { signal } from "@preact/signals";
import { X } from "lucide-preact";
import { useRef } from "preact/hooks";
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
/** The pointer or the keyboard is on the messages: they stay until it has left. */
let held = false;
/** Closed when the messages are let go. */
const overdue = new Set<number>();

function close(id: number): void {
  overdue.delete(id);
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

/** Shows a line; the returned function takes it away again. */
export function toast(options: ToastOptions): () => void {
  lastId += 1;
  const id = lastId;
  const others = shown.value.filter((other) => other.message !== options.message);
  shown.value = [...others, { ...options, id }].slice(-mostShown);
  const expire = (): void => {
    if (held) overdue.add(id);
    else close(id);
  };
  if (options.problem !== true) setTimeout(expire, options.action === undefined ? plainTime : actionTime);
  return () => close(id);
}

function hold(now: boolean): void {
  held = now;
  if (!now) for (const id of overdue) close(id);
}

/** Where the keyboard was before it came here: it goes back when the line that had it is gone. */
let before: Element | null = null;

export function ToastLayer() {
  const layer = useRef<HTMLDivElement>(null);
  const done = (id: number): void => {
    const hadFocus = layer.current?.contains(document.activeElement) === true;
    close(id);
    if (!hadFocus) return;
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    hold(false);
  };
  const line = (item: Toast) => (
    <div class={item.problem === true ? "kit-toast kit-toast-problem" : "kit-toast"} key={item.id}>
      <span>{item.message}</span>
      {item.action === undefined ? null : (
        <Button
          kind="quiet"
          onClick={() => {
            done(item.id);
            item.action?.run();
          }}
        >
          {item.action.label}
        </Button>
      )}
      <IconButton icon={X} size="small" label="Dismiss" onClick={() => done(item.id)} />
    </div>
  );
  return (
    <section
      class="kit-toasts"
      aria-label="Messages"
      data-region="messages"
      ref={layer}
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocusIn={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)))
          before = event.relatedTarget instanceof Element ? event.relatedTarget : null;
        hold(true);
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) hold(false);
      }}
      onKeyDown={(event) => {
        const last = shown.value.at(-1);
        if (event.key !== "Escape" || last === undefined) return;
        event.stopPropagation();
        done(last.id);
      }}
    >
      <JobList />
      <div class="kit-toasts-list" role="status" aria-live="polite" aria-label="Messages">
        {shown.value.map(line)}
      </div>
    </section>
  );
}
