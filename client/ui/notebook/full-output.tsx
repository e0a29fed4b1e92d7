// A long output in full: what the page has seen, or what was stored where the document keeps only a part.

import { useSignal } from "@preact/signals";
import { Download } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import { saveFile } from "#ui/kit/save-file.ts";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import type { OutputBlobs } from "./display/display-view.tsx";
import { screenOfBytes, type LiveOutput } from "./live-output.ts";
import { plainText } from "./plain-text.ts";
import { ScreenView, type ShowDisplay } from "./screen-view.ts";
import type { Screen } from "#core/notebook/output/screen.ts";

export interface FullOutputProps {
  readonly title: string;
  readonly run: RunRecord;
  readonly output: LiveOutput;
  readonly blobs: OutputBlobs;
  readonly showDisplay: ShowDisplay;
  readonly onClose: () => void;
}

export function FullOutput({ title, run, output, blobs, showDisplay, onClose }: FullOutputProps) {
  const blob = run.output?.blob;
  const screen = useSignal<Screen | undefined>(blob === undefined ? output.screen : undefined);
  const text = useSignal<string | undefined>(undefined);
  const problem = useSignal(false);
  useEffect(() => {
    if (blob === undefined) return;
    const fetch = async (): Promise<void> => {
      const bytes = await blobs.get(blob);
      text.value = decodeUtf8Lossy(bytes);
      screen.value = screenOfBytes(bytes);
    };
    fetch().catch(() => (problem.value = true));
  }, [blob, blobs, screen, text, problem]);
  const download = (): void => {
    const whole = text.value === undefined ? `${output.screen.text}\n` : plainText(text.value);
    saveFile(new Blob([whole], { type: "text/plain" }), `${title}.txt`);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <Button icon={Download} disabled={screen.value === undefined} onClick={download}>
          Download as text
        </Button>
      }
    >
      <div class="output-full">
        {screen.value !== undefined ? (
          <ScreenText screen={screen.value} showDisplay={showDisplay} />
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

function ScreenText(props: { readonly screen: Screen; readonly showDisplay: ShowDisplay }) {
  const { screen, showDisplay } = props;
  const parent = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (parent.current === null) return undefined;
    const view = new ScreenView(parent.current, screen, showDisplay);
    return () => view.dispose();
  }, [screen, showDisplay]);
  return (
    <>
      {screen.dropped === 0 ? null : (
        <p>{screen.dropped.toLocaleString("en")} older lines are left out here.</p>
      )}
      <div class="output-log" role="document" aria-label="Full output" tabIndex={0} ref={parent} />
    </>
  );
}
