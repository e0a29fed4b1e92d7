// Files that a person edits in the workspace get a modification time too: once, when the typing pauses, so that
// make(1) sees it also after everybody has reloaded. Keystrokes alone write no time (SPEC.md PR-71).

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { NodeId, Project } from "./project.ts";

/** A pause in typing. */
const pauseMilliseconds = 1000;

/** For the replica in which the person edits, and only there. Stopping stamps what is due. */
export function stampEdits(project: Project, clock: Clock = systemClock): Disposer {
  const edited = new Map<NodeId, number>();
  let stopTimer: Disposer | undefined;
  const stamp = (): void => {
    stopTimer?.();
    stopTimer = undefined;
    const due = [...edited];
    edited.clear();
    project.transact(() => {
      for (const [id, time] of due) {
        const facts = project.stat(id);
        // Whole-file writes carry their time already.
        if (facts !== undefined && facts.kind !== "dir" && facts.mtime < time)
          project.setAttributes(id, { mtime: time });
      }
    });
  };
  const stopListening = project.changes.on(({ local, contents }) => {
    if (!local || contents.size === 0) return;
    for (const id of contents) edited.set(id, clock.now());
    stopTimer?.();
    stopTimer = clock.after(pauseMilliseconds, stamp);
  });
  return () => {
    stopListening();
    if (edited.size > 0) stamp();
  };
}
