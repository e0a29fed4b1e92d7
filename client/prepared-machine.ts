// The worker in which this page's machine runs. It is made before anybody wants the machine, and gets everything ready
// while the page opens. Imports nothing: the page's first script makes it.

/** Made, and not taken yet. */
let prepared: Worker | undefined;
/** This page may still come to start its machine for the first time. */
let expected = true;

function makeWorker(): Worker {
  return new Worker(new URL("./machine-worker.ts", import.meta.url), { type: "module", name: "machine" });
}

/** Makes the worker. What goes wrong in it is nobody's business yet: it is made anew when it is wanted. */
export function prepareMachine(): void {
  if (prepared !== undefined || !expected) return;
  const worker = makeWorker();
  prepared = worker;
  worker.addEventListener("error", (event) => {
    if (prepared !== worker) return;
    event.preventDefault();
    worker.terminate();
    prepared = undefined;
  });
}

/** There will be no machine on this page. */
export function discardMachine(): void {
  expected = false;
  prepared?.terminate();
  prepared = undefined;
}

/** The worker for a machine that is to start now. */
export function takeMachineWorker(): Worker {
  expected = false;
  const worker = prepared ?? makeWorker();
  prepared = undefined;
  return worker;
}
