// What hangs outside a code cell: run or interrupt, how the newest run stands, and who ran it.

import { useSignal } from "@preact/signals";
import { Check, Play, Square, X } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { IconButton } from "#ui/kit/button.tsx";
import { formatDuration } from "./duration.ts";
import type { CellLook } from "./run-view-model.ts";

/** ms between two readings of a running cell: its tenths of a second count. */
const tick = 100;

export interface CellGutterProps {
  readonly run: RunRecord | undefined;
  readonly look: CellLook;
  /** The newest run goes on in this page. */
  readonly mine: boolean;
  /** The newest run was this person's. */
  readonly own: boolean;
  readonly canRun: boolean;
  /** Tab stops at its button. */
  readonly reachable: boolean;
  readonly start: () => void;
  readonly interrupt: () => void;
  /** Somebody types while a button here has the focus, as it has after a click on it. */
  readonly onTyping: () => void;
}

export function CellGutter(props: CellGutterProps) {
  const { run, look, mine, own, canRun, reachable, start, interrupt, onTyping } = props;
  const onKeyDown = (event: KeyboardEvent): void => {
    const typed = event.key.length === 1 && event.key !== " ";
    if (typed && !event.ctrlKey && !event.metaKey && !event.altKey) onTyping();
  };
  const running = look === "running";
  const tabIndex = reachable ? 0 : -1;
  return (
    <div class="cell-gutter" onKeyDown={onKeyDown}>
      {!canRun ? null : running && mine ? (
        <IconButton
          icon={Square}
          label="Interrupt cell"
          shortcut="I I"
          tabIndex={tabIndex}
          onClick={interrupt}
        />
      ) : (
        <IconButton
          icon={Play}
          label="Run cell"
          shortcut="Shift-Enter"
          tone="accent"
          tabIndex={tabIndex}
          onClick={start}
        />
      )}
      {run === undefined ? null : (
        <span class="cell-time" data-state={look}>
          {running ? (
            <RunningTime started={run.started} />
          ) : look === "done" || look === "failed" ? (
            <>
              {formatDuration(run.duration ?? 0)}
              {look === "done" ? <Check size={12} aria-label="done" /> : <X size={12} aria-label="failed" />}
            </>
          ) : null}
          {running || !own ? (
            <Avatar person={run.by} size={16} title={`${run.by.name}, on ${run.machine}`} />
          ) : null}
        </span>
      )}
    </div>
  );
}

function RunningTime({ started }: { readonly started: number }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    now.value = Date.now();
    const timer = setInterval(() => (now.value = Date.now()), tick);
    return () => clearInterval(timer);
  }, [started, now]);
  // The runner's clock may be ahead of ours.
  return <span>{formatDuration(Math.max(0, now.value - started))}</span>;
}
