// The page tells its machine's worker whose machine it is: what programs delete is in the trash under that name.

interface Port {
  postMessage(message: unknown, transfer: never[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface PersonMessage {
  readonly personName?: string;
}

export function sendPersonName(worker: Port, personName: string): void {
  worker.postMessage({ personName } satisfies PersonMessage, []);
}

/** Returns what asks for the name as it is now; undefined before the page has told it. */
export function hearPersonName(scope: Port): () => string | undefined {
  let name: string | undefined;
  scope.addEventListener("message", ({ data }) => {
    const { personName } = (data ?? {}) as PersonMessage;
    if (typeof personName === "string") name = personName;
  });
  return () => name;
}
