// This page's machine: a worker that runs Linux, in step with the session's project and blobs.

import { DisposerStack } from "#core/base/disposable.ts";
import { createMachineClient } from "#machine/client.ts";
import type { MachineConnection } from "#machine/client.ts";
import type { Machine } from "#machine/machine.ts";
import { connectReplica, serveBlobs } from "#sync/replica.ts";
import type { Session } from "#sync/session.ts";

export function createPageMachine(session: Session): Machine {
  return createMachineClient(() => connectWorker(session));
}

function connectWorker(session: Session): MachineConnection {
  const worker = new Worker(new URL("./machine/worker.ts", import.meta.url), {
    type: "module",
    name: "machine",
  });
  const disposers = new DisposerStack();
  disposers.add(() => worker.terminate());
  disposers.add(connectReplica(worker, session.doc));
  disposers.add(serveBlobs(worker, session.blobs));
  return {
    port: worker,
    onLost: (listener) => {
      worker.addEventListener("error", (event) => {
        const detail = event.message === undefined || event.message === "" ? "" : ` (${event.message})`;
        listener(
          `Your machine has stopped by itself${detail}. Files that were saved are safe; start it again.`,
        );
      });
    },
    close: () => disposers.dispose(),
  };
}
