// The page tells its machine's worker whose machine it is: what programs delete is in the trash under that name, and
// the same person's next machine finds it there by the id.

interface Port {
  postMessage(message: unknown, transfer: never[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface Owner {
  readonly name: string;
  readonly id: string;
}

interface PersonMessage {
  readonly machineOwner?: Owner;
}

export function sendPerson(worker: Port, { name, id }: Owner): void {
  worker.postMessage({ machineOwner: { name, id } } satisfies PersonMessage, []);
}

/** Returns what asks for the person as they are now; undefined before the page has told it. */
export function hearPerson(scope: Port): () => Owner | undefined {
  let owner: Owner | undefined;
  scope.addEventListener("message", ({ data }) => {
    const { machineOwner } = (data ?? {}) as PersonMessage;
    if (machineOwner !== undefined) owner = machineOwner;
  });
  return () => owner;
}
