// The first message to a machine's worker: what it needs to know and cannot find out.

/** `P` is the platform's MessagePort, which this folder's type world does not know. */
export interface WorkerStart<P> {
  readonly machine: "begin";
  /** Address of the built guest, with a slash at the end. */
  readonly product: string;
  /** To a replica of the project, and its blobs. */
  readonly project: P;
}

export function isWorkerStart<P>(data: unknown): data is WorkerStart<P> {
  return typeof data === "object" && data !== null && "machine" in data && data.machine === "begin";
}
