// Heavy pieces of work, one per task of the page's thread, so that keys are heard and frames drawn between them.

import type { Disposer } from "#core/base/disposable.ts";

const queue = new Set<() => void>();
let scheduled = false;

/** Does `work` soon, after what was asked for before; the disposer forgets it. */
export function inTurn(work: () => void): Disposer {
  // A function of its own: the same work may be asked for twice.
  const turn = (): void => work();
  queue.add(turn);
  schedule();
  return () => queue.delete(turn);
}

/** Resolves in a task of its own. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    inTurn(resolve);
  });
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setTimeout(takeTurn);
}

function takeTurn(): void {
  scheduled = false;
  const [next] = queue;
  if (next === undefined) return;
  queue.delete(next);
  if (queue.size > 0) schedule();
  next();
}
