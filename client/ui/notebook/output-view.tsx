// The output of one run under its cell: streamed, coloured, folded where it is long, with an input line while it runs.

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { Button } from "#ui/kit/button.tsx";
import type { LiveOutput } from "./live-output.ts";
import { InputLine } from "./input-line.tsx";
import { runWords, type CellLook } from "./run-view-model.ts";
import { ScreenView, type ShowDisplay } from "./screen-view.ts";

/** ms. A run that takes longer may be waiting for input. */
const inputAfter = 1_000;

/** Pixels: within this of its end an output counts as scrolled to the end, and follows. */
const endSlack = 8;

export interface OutputViewProps {
  readonly run: RunRecord;
  readonly look: CellLook;
  readonly output: LiveOutput;
  /** Of the run before: shown, dimmed, until this one has something to show. */
  readonly previous: LiveOutput | undefined;
  /** This person's. */
  readonly own: boolean;
  /** Several runs are shown: say whose this is. */
  readonly named: boolean;
  /** To the program's input; undefined where it takes none from here. */
  readonly write: ((text: string) => void) | undefined;
  readonly openFull: () => void;
  /** The same at every drawing. */
  readonly showDisplay: ShowDisplay;
}

export function OutputView(props: OutputViewProps) {
  const { run, look, output, previous, own, named, write, openFull } = props;
  const log = useRef<HTMLDivElement>(null);
  const folded = useSignal(false);
  const showsPrevious = useSignal(false);
  const unsent = useSignal(false);
  const running = look === "running";
  useScreen({ log, output, previous, running, folded, showsPrevious, showDisplay: props.showDisplay });
  const long = useLasting(running, run.id);

  const reads = running && write !== undefined && (long || unsent.value);

  const words = runWords(run, look, own, output.screen.text, long);
  const foot = words !== undefined || named || folded.value || (run.output?.omitted ?? 0) > 0;
  return (
    <div class="output" data-previous={showsPrevious.value}>
      <div
        class="output-log"
        role="log"
        aria-label="Output"
        // Read out while one converses with the program; a finished output is drawn anew as a whole.
        aria-live={reads ? "polite" : "off"}
        tabIndex={folded.value ? 0 : -1}
        ref={log}
      />
      {reads || unsent.value ? (
        <InputLine write={reads ? write : undefined} onHeld={(held) => (unsent.value = held)} />
      ) : null}
      {foot ? (
        <div class="output-foot" data-state={look}>
          <span class="output-words">
            {named || !own ? <Avatar person={run.by} size={16} decorative /> : null}
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

interface ScreenOptions {
  readonly log: MutableRef<HTMLDivElement | null>;
  readonly output: LiveOutput;
  readonly previous: LiveOutput | undefined;
  readonly running: boolean;
  readonly folded: Signal<boolean>;
  readonly showsPrevious: Signal<boolean>;
  readonly showDisplay: ShowDisplay;
}

/** Draws the output, or the previous one until there is something to draw. */
function useScreen(options: ScreenOptions): void {
  const { log, output, previous, running, folded, showsPrevious, showDisplay } = options;
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
    let following = true;
    // What is shown gets its size when its bytes have come.
    const sizes = new ResizeObserver(() => {
      measure();
      if (state.current.running && following) toEnd();
    });
    const show: ShowDisplay = (line, display) => {
      const hide = showDisplay(line, display);
      sizes.observe(line);
      return () => {
        sizes.unobserve(line);
        hide();
      };
    };
    let screen = shown().screen;
    let view = new ScreenView(element, screen, show);
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
      following = atEnd;
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
      view = new ScreenView(element, screen, show);
      drawn();
    };
    measure();
    if (state.current.running) toEnd();
    state.current.update = update;
    const stop = output.changes.on(update);
    return () => {
      stop();
      state.current.update = () => undefined;
      sizes.disconnect();
      view.dispose();
    };
  }, [log, output, folded, showsPrevious, showDisplay]);

  useLayoutEffect(() => state.current.update(), [running, previous]);
}

/** True from when the run has been watched for a while; stays true when it ends. */
function useLasting(running: boolean, run: string): boolean {
  const lasting = useSignal<string | undefined>(undefined);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setTimeout(() => (lasting.value = run), inputAfter);
    return () => clearTimeout(timer);
  }, [running, run, lasting]);
  return lasting.value === run;
}
