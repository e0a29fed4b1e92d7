// One blob on its way over HTTP, with how far it is. Knows neither what is kept nor when to try again.

/** Called as bytes pass; `loaded` starts again at 0 with every attempt. */
export type Progress = (loaded: number) => void;

export interface BlobRequest {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** How a blob is doing, for whoever shows it. */
export interface BlobTransfer {
  readonly hash: string;
  readonly direction: "up" | "down";
  readonly loaded: number;
  readonly total: number;
  /** "waiting": an attempt has failed, the next one comes. */
  readonly state: "going" | "waiting" | "done";
}

/** Resolves with the answer's status; rejects where there is none. */
export function sendBytes(request: BlobRequest, bytes: Uint8Array, onProgress: Progress): Promise<number> {
  // fetch cannot tell how far an upload is; where there is no XMLHttpRequest, nobody looks either.
  return typeof XMLHttpRequest === "undefined"
    ? sendByFetch(request, bytes)
    : sendByXhr(request, bytes, onProgress);
}

async function sendByFetch({ url, token, signal }: BlobRequest, bytes: Uint8Array): Promise<number> {
  const response = await fetch(url, {
    method: "PUT",
    headers: { Authorization: `Bearer ${token}` },
    body: bytes.slice(),
    signal,
  });
  await response.body?.cancel();
  return response.status;
}

function sendByXhr(
  { url, token, signal }: BlobRequest,
  bytes: Uint8Array,
  onProgress: Progress,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const fail = (): void => {
      signal.removeEventListener("abort", abort);
      reject(new Error("the server cannot be reached"));
    };
    request.open("PUT", url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("load", () => {
      signal.removeEventListener("abort", abort);
      resolve(request.status);
    });
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    signal.addEventListener("abort", abort);
    if (signal.aborted) fail();
    else request.send(bytes.slice());
  });
}

/** The body of an answer, of `size` bytes as far as one knows. */
export async function receiveBytes(
  response: Response,
  size: number,
  onProgress: Progress,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let loaded = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return bytes.subarray(0, loaded);
    // More than was announced is another blob: its hash will say so.
    bytes.set(value.subarray(0, size - loaded), loaded);
    loaded = Math.min(size, loaded + value.length);
    onProgress(loaded);
  }
}
