// This page's machine: a worker that runs Linux, in step with the session's project and blobs.

import { DisposerStack } from "#core/base/disposable.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { createMachineClient } from "#machine/client.ts";
import type { MachineConnection } from "#machine/client.ts";
import type { Machine } from "#core/machine/machine.ts";
import { FileNewsLines } from "./file-news-lines.ts";
import { hearFileNews } from "#machine/link/file-news-port.ts";
import { sendPersonName } from "#machine/link/person-port.ts";
import { prepareMachine, takeMachineWorker } from "./prepared-machine.ts";
import { offerKeep } from "#sync/machine-keep.ts";
import { connectReplica, serveBlobs } from "#sync/replica.ts";
import type { Session } from "#sync/session.ts";

/** `onTrouble` is told, as a sentence, why what the machine writes outside the project does not outlive the tab. */
export function createPageMachine(
  session: Session,
  project: string,
  onTrouble: (sentence: string) => void,
): Machine {
  // Where nothing of it is kept in this browser yet, it does not take the line from the page itself.
  session.synced.then(prepareMachine, () => undefined);
  return createMachineClient(() => connectWorker(session, project, onTrouble));
}

function connectWorker(
  session: Session,
  project: string,
  onTrouble: (sentence: string) => void,
): MachineConnection {
  const worker = takeMachineWorker();
  const disposers = new DisposerStack();
  disposers.add(() => worker.terminate());
  offerKeep(worker, project, onTrouble);
  disposers.add(tellPersonName(worker, session));
  const lines = new FileNewsLines();
  hearFileNews(worker, lines.show);
  disposers.add(() => lines.clear());
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

/** As it is now, and whenever it changes: signed in, a person may have another name. */
function tellPersonName(worker: Worker, session: Session): Disposer {
  let told: string | undefined;
  const tell = (): void => {
    const { name } = session.person;
    if (name !== told) sendPersonName(worker, name);
    told = name;
  };
  tell();
  return session.onParticipants(tell);
}
