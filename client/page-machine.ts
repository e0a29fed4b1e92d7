// This page's machine: a worker that runs Linux, in step with the session's project and blobs.

import { DisposerStack } from "#core/base/disposable.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { createMachineClient } from "#machine/remote/machine-client.ts";
import type { MachineConnection } from "#machine/remote/machine-client.ts";
import type { Machine } from "#core/machine/machine.ts";
import { FileNewsLines } from "./file-news-lines.ts";
import { hearFileNews } from "#machine/remote/file-news-port.ts";
import { sendPerson } from "#machine/remote/person-port.ts";
import { prepareMachine, takeMachineWorker } from "./prepared-machine.ts";
import { offerKeep } from "#sync/machine-keep.ts";
import type { Person } from "#sync/person.ts";
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
  disposers.add(tellPerson(worker, session));
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
function tellPerson(worker: Worker, session: Session): Disposer {
  let told: Pick<Person, "name" | "id"> | undefined;
  const tell = (): void => {
    const { person } = session;
    if (person.name !== told?.name || person.id !== told.id) sendPerson(worker, person);
    told = person;
  };
  tell();
  return session.onParticipants(tell);
}
