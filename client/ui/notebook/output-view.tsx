// The output of one run under its cell: streamed, coloured, folded where it is long, with an input line while it runs.

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { RunRecord } from "#core/notebook/run.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { Button } from "#ui/kit/button.tsx";
import type { LiveOutput } from "./live-output.ts";
import { InputLine } from "./input-line.tsx";
import { runWords, wordyAfter, type CellLook } from "./run-view-model.ts";
import { ScreenView } from "./screen-view.ts";

/** Pixels: within this of its end an output counts as scrolled to the end, and follows. */
const endSlack = 8;

export interface OutputViewProps {
  readonly run: RunRecord;
  readonly look: CellLook;
  readonly output: LiveOutput;
  /** Of the run before: shown, dimmed, until this one has something to show. */
  readonly previous: LiveOutput | undefined;
  /** It runs on this person's machine, in this page. */
  readonly mine: boolean;
  /** Several runs are shown: say whose this is. */
  readonly named: boolean;
  /** To the program's input; undefined where it takes none from here. */
  readonly write: ((text: string) => void) | undefined;
  readonly openFull: () => void;
}

export function OutputView(props: OutputViewProps) {
  const { run, look, output, previous, mine, named, write, openFull } = props;
  const log = useRef<HTMLDivElement>(null);
  const folded = useSignal(false);
  const showsPrevious = useSignal(false);
  const running = look === "running";
  useScreen(log, output, previous, running, folded, showsPrevious);
  const long = useAfter(running, run.id);

  const words = runWords(run, look, mine, output.screen.text);
  const foot = words !== undefined || named || folded.value || (run.output?.omitted ?? 0) > 0;
  return (
    <div class="output" data-previous={showsPrevious.value}>
      <div class="output-log" role="log" aria-label="Output" tabIndex={folded.value ? 0 : -1} ref={log} />
      {running && long && write !== undefined ? <InputLine write={write} /> : null}
      {foot ? (
        <div class="output-foot" data-state={look}>
          <span class="output-words">
            {named || !mine ? <Avatar person={run.by} size={16} decorative /> : null}
            <span>{words ?? (named ? run.by.name : "")}</span>
          </span>
          {(folded.value || (run.output?.omitted ?? 0) > 0) && !running ? (
            <Button kind="quiet" onClick={openFull}>
              Open full output
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

/** Draws the output, or the previous one until there is something to draw. */
function useScreen(
  log: MutableRef<HTMLDivElement | null>,
  output: LiveOutput,
  previous: LiveOutput | undefined,
  running: boolean,
  folded: Signal<boolean>,
  showsPrevious: Signal<boolean>,
): void {
  const state = useRef({ running, previous, update: (): void => undefined });
  state.current.running = running;
  state.current.previous = previous;

  useLayoutEffect(() => {
    const element = log.current;
    if (element === null) return undefined;
    const shown = (): LiveOutput => {
      const { running: still, previous: before } = state.current;
      return still && output.screen.empty && before !== undefined && !before.screen.empty ? before : output;
    };
    let screen = shown().screen;
    let view = new ScreenView(element, screen);
    const measure = (): void => {
      folded.value = element.scrollHeight > element.clientHeight + 1;
      showsPrevious.value = shown() !== output;
      // Room for what was there before, so that the page below stands still while the cell runs again.
      if (!state.current.running) element.style.minHeight = "";
      else if (showsPrevious.value) element.style.minHeight = `${element.offsetHeight}px`;
    };
    const toEnd = (): void => {
      element.scrollTop = element.scrollHeight;
    };
    const update = (): void => {
      const atEnd =
        state.current.running && element.scrollTop + element.clientHeight >= element.scrollHeight - endSlack;
      const drawn = (): void => {
        measure();
        if (atEnd) toEnd();
      };
      const next = shown().screen;
      if (next === screen) {
        view.schedule(drawn);
        return;
      }
      view.dispose();
      screen = next;
      view = new ScreenView(element, screen);
      drawn();
    };
    measure();
    if (state.current.running) toEnd();
    state.current.update = update;
    const stop = output.changes.on(update);
    return () => {
      stop();
      state.current.update = () => undefined;
      view.dispose();
    };
  }, [log, output, folded, showsPrevious]);

  useLayoutEffect(() => state.current.update(), [running, previous]);
}

/** Becomes true when the run has lasted a while. */
function useAfter(running: boolean, key: string): boolean {
  const long = useSignal(false);
  useEffect(() => {
    long.value = false;
    if (!running) return undefined;
    const timer = setTimeout(() => (long.value = true), wordyAfter);
    return () => clearTimeout(timer);
  }, [running, key, long]);
  return long.value;
}
