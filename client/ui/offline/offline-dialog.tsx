// Keeping everything for offline: how much is here, how much is to come, and the way to begin, stop and undo it.

import type { ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import { sizeWords } from "#ui/kit/size-words.ts";
import type { OfflineModel } from "./offline-model.ts";
import { isComplete, keptWords, missingBytes } from "./offline-words.ts";
import "./offline.css";

export interface OfflineDialogProps {
  readonly model: OfflineModel;
  /** The project's document is kept in this browser. */
  readonly projectKept: ReadonlySignal<boolean>;
  readonly onClose: () => void;
}

export function OfflineDialog({ model, projectKept: keptSignal, onClose }: OfflineDialogProps) {
  useEffect(() => model.look(), [model]);
  const state = model.state.value;
  const work = model.work.value;
  const projectKept = keptSignal.value;
  const complete = state !== undefined && isComplete(state, projectKept);
  const missing = state === undefined ? 0 : missingBytes(state);
  return (
    <Dialog
      title="Offline"
      onClose={onClose}
      actions={
        model.unavailable !== undefined ? (
          <Button onClick={onClose}>Close</Button>
        ) : (
          <>
            {state?.linux === undefined || state.linux.kept === 0 || work.kind !== "idle" ? null : (
              <Button onClick={() => model.remove()}>Remove Linux from this browser</Button>
            )}
            {work.kind === "keeping" ? (
              <Button onClick={() => model.stop()}>Stop</Button>
            ) : complete ? (
              <Button onClick={onClose}>Close</Button>
            ) : (
              <Button
                kind="primary"
                disabled={state === undefined || work.kind === "removing"}
                onClick={() => model.keep()}
              >
                {missing === 0
                  ? "Keep everything for offline"
                  : `Keep everything for offline (${sizeWords(missing)})`}
              </Button>
            )}
          </>
        )
      }
    >
      <p>
        Without the server, a project opens from what this browser keeps, and programs start as far as Linux
        is kept.
      </p>
      {model.unavailable !== undefined ? (
        <p>{model.unavailable}</p>
      ) : (
        <p role="status" aria-label="Kept in this browser">
          {state === undefined ? "Looking…" : keptWords(state, projectKept)}
          {complete ? " That is everything: all of it works without the server." : ""}
        </p>
      )}
      {state === undefined || projectKept ? null : (
        <p>The project itself is not kept: this browser lets no page keep it, or does not answer.</p>
      )}
      {work.kind === "keeping" ? (
        <div
          class="offline-progress"
          role="progressbar"
          aria-label="Keeping everything for offline"
          aria-valuemin={0}
          aria-valuemax={work.total}
          aria-valuenow={work.loaded}
          aria-valuetext={`${sizeWords(work.loaded)} of ${sizeWords(work.total)}`}
        >
          <span>
            {sizeWords(work.loaded)} of {sizeWords(work.total)}
          </span>
          <span class="offline-progress-track">
            <span style={{ width: `${work.total === 0 ? 0 : (100 * work.loaded) / work.total}%` }} />
          </span>
        </div>
      ) : null}
      {work.kind === "failed" ? <p role="alert">{work.problem}</p> : null}
      {state !== undefined && !state.lasting && state.linux !== undefined && state.linux.kept > 0 ? (
        <p>The browser may take it away when the disk gets full.</p>
      ) : null}
    </Dialog>
  );
}
