// A long output in full: what the page has seen, or what was stored where the document keeps only a part.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { BlobRef, RunRecord } from "#core/notebook/run.ts";
import { Dialog } from "#ui/kit/dialog.tsx";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { screenOfBytes, type LiveOutput } from "./live-output.ts";
import { ScreenView } from "./screen-view.ts";
import type { Screen } from "./screen.ts";

/** What is used of the session's blobs. */
export interface OutputBlobs {
  get(ref: BlobRef): Uint8Array | Promise<Uint8Array>;
}

export interface FullOutputProps {
  readonly title: string;
  readonly run: RunRecord;
  readonly output: LiveOutput;
  readonly blobs: OutputBlobs;
  readonly onClose: () => void;
}

export function FullOutput({ title, run, output, blobs, onClose }: FullOutputProps) {
  const blob = run.output?.blob;
  const screen = useSignal<Screen | undefined>(blob === undefined ? output.screen : undefined);
  const problem = useSignal(false);
  useEffect(() => {
    if (blob === undefined) return;
    const fetch = async (): Promise<void> => {
      screen.value = screenOfBytes(await blobs.get(blob));
    };
    fetch().catch(() => (problem.value = true));
  }, [blob, blobs, screen, problem]);
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="output-full">
        {screen.value !== undefined ? (
          <ScreenText screen={screen.value} />
        ) : problem.value ? (
          <p>
            The full output cannot be fetched now: the server cannot be reached, or the output was not saved
            to it yet. Its beginning and its end are in the notebook.
          </p>
        ) : (
          <Skeleton lines={12} label="Fetching the output" />
        )}
      </div>
    </Dialog>
  );
}

function ScreenText({ screen }: { readonly screen: Screen }) {
  const parent = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (parent.current === null) return undefined;
    const view = new ScreenView(parent.current, screen);
    return () => view.dispose();
  }, [screen]);
  return (
    <>
      {screen.dropped === 0 ? null : <p>{screen.dropped.toLocaleString("en")} older lines are left out.</p>}
      <div class="output-log" role="document" aria-label="Full output" tabIndex={0} ref={parent} />
    </>
  );
}
