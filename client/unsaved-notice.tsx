// Says what did not reach the server and cannot any more, and offers it as a file; it can also be given up.

import { useSignal } from "@preact/signals";
import { Download } from "lucide-preact";
import { Button } from "#ui/kit/button.tsx";
import { Notice } from "#ui/kit/notice.tsx";
import type { LeftoverWork } from "./leftover-work.ts";

/** Paths that are named; of more, their number is said. */
const mostNamed = 3;

function filesWords({ files }: LeftoverWork): string {
  return files.length <= mostNamed ? files.join(", ") : `${files.length} files`;
}

/** A sentence or two about what it is and where it is. */
export function leftoverWords(work: LeftoverWork): string {
  const since = work.at === undefined ? "" : `, put aside on ${new Date(work.at).toLocaleString()}`;
  const where = work.kept
    ? "They stay in this browser until you discard them."
    : "They are in this tab alone: download them before you close it.";
  return `Changes in ${filesWords(work)} did not reach the server${since}. ${where}`;
}

export interface LeftoverActionsProps {
  readonly work: LeftoverWork;
  readonly onDiscarded: () => void;
}

/** Discarding takes two presses: there is no way back. */
export function LeftoverActions({ work, onDiscarded }: LeftoverActionsProps) {
  const sure = useSignal(false);
  return sure.value ? (
    <>
      <Button
        kind="danger"
        onClick={() => {
          sure.value = false;
          void work.discard().then(onDiscarded);
        }}
      >
        Discard them for good
      </Button>
      <Button onClick={() => (sure.value = false)}>Keep them</Button>
    </>
  ) : (
    <>
      <Button kind="primary" icon={Download} onClick={() => void work.download()}>
        Download unsaved work
      </Button>
      <Button onClick={() => (sure.value = true)}>Discard…</Button>
    </>
  );
}

/** In an open workspace. `reason`: why nothing can be changed any more, where that is so. */
export function UnsavedNotice(props: {
  readonly reason?: string;
  readonly work: LeftoverWork | undefined;
  readonly onDiscarded: () => void;
}) {
  const { reason, work, onDiscarded } = props;
  return (
    <Notice
      actions={
        <>
          {work === undefined ? null : <LeftoverActions work={work} onDiscarded={onDiscarded} />}
          {reason === undefined ? null : <Button onClick={() => location.reload()}>Try again</Button>}
        </>
      }
    >
      {reason === undefined ? null : `${reason} You can read what is here, but no longer change it. `}
      {work === undefined ? null : leftoverWords(work)}
    </Notice>
  );
}
