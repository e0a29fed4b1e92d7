// One blob on its way over HTTP, with how far it is (worker/blobs/SPEC.md). Knows neither what is kept nor when to try again.

import type { Clock } from "#core/base/clock.ts";
import { blobPartBytes } from "#core/project/limits.ts";
import { readUploadAnswer, stored, type UploadAnswer } from "./blob-answer.ts";
import { TimeLimit } from "./time-limit.ts";

/** Called as bytes pass; `loaded` starts again at 0 with every attempt. */
export type Progress = (loaded: number) => void;

/** Milliseconds without a byte. The server may be busy with a large file for some seconds before it answers. */
const stallMilliseconds = 60_000;

export interface BlobRequest {
  readonly clock: Clock;
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
  /** "waiting": an attempt has failed, the next one comes. "refused": none will come. "stopped": nobody wants it. */
  readonly state: "going" | "waiting" | "done" | "refused" | "stopped";
  /** Of "waiting" and "refused": a sentence's end, "the server cannot be reached". */
  readonly problem?: string;
}

/** What has come of a blob: an attempt goes on where the one before it was cut off. */
export interface Received {
  readonly bytes: Uint8Array;
  loaded: number;
}

/**
 * Sends the parts that the server does not have yet, and has it put them together. Resolves with what failed, or with
 * the last answer; rejects where there is none.
 */
export async function sendInParts(
  request: BlobRequest,
  bytes: Uint8Array,
  onProgress: Progress,
): Promise<UploadAnswer> {
  const { url, token, signal } = request;
  const parts = `${url}/parts`;
  const headers = { Authorization: `Bearer ${token}` };
  const asked = await fetch(parts, { headers, signal });
  if (!asked.ok) return readUploadAnswer(asked.status, await asked.text());
  const { complete, parts: held } = (await asked.json()) as {
    readonly complete: boolean;
    readonly parts: readonly (readonly [number: number, size: number])[];
  };
  if (complete) return stored;
  const sizes = new Map(held);
  for (let number = 0; number * blobPartBytes < bytes.length; number++) {
    const from = number * blobPartBytes;
    const part = bytes.subarray(from, from + blobPartBytes);
    // One whose sending broke may be there in part.
    if (sizes.get(number) === part.length) {
      onProgress(from + part.length);
      continue;
    }
    const progress = (loaded: number): void => onProgress(from + loaded);
    const answer = await sendBytes({ ...request, url: `${parts}/${number}` }, part, progress);
    if (answer.kind !== "stored") return answer;
    onProgress(from + part.length);
  }
  const made = await fetch(parts, {
    method: "POST",
    headers,
    body: JSON.stringify({ size: bytes.length }),
    signal,
  });
  return readUploadAnswer(made.status, await made.text());
}

/** Resolves with the answer; rejects where there is none. */
export function sendBytes(
  request: BlobRequest,
  bytes: Uint8Array,
  onProgress: Progress,
): Promise<UploadAnswer> {
  // fetch cannot tell how far an upload is; where there is no XMLHttpRequest, nobody looks either.
  return typeof XMLHttpRequest === "undefined"
    ? sendByFetch(request, bytes)
    : sendByXhr(request, bytes, onProgress);
}

async function sendByFetch({ url, token, signal }: BlobRequest, bytes: Uint8Array): Promise<UploadAnswer> {
  const response = await fetch(url, {
    method: "PUT",
    headers: { Authorization: `Bearer ${token}` },
    body: bytes.slice(),
    signal,
  });
  return readUploadAnswer(response.status, await response.text());
}

function sendByXhr(
  { clock, url, token, signal: outer }: BlobRequest,
  bytes: Uint8Array,
  onProgress: Progress,
): Promise<UploadAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stall = new TimeLimit({ clock, milliseconds: stallMilliseconds, outer });
    const { signal } = stall;
    const abort = (): void => request.abort();
    const settled = (): void => {
      stall.end();
      signal.removeEventListener("abort", abort);
    };
    const fail = (): void => {
      settled();
      reject(new Error("the server cannot be reached"));
    };
    request.open("PUT", url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.addEventListener("progress", ({ loaded }) => {
      stall.extend();
      onProgress(loaded);
    });
    request.addEventListener("load", () => {
      settled();
      resolve(readUploadAnswer(request.status, request.responseText));
    });
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    signal.addEventListener("abort", abort);
    if (signal.aborted) fail();
    else request.send(bytes.slice());
  });
}

/** Hashes that are asked about at once. */
export const mostAsked = 100;

/** Which of these the server does not have. */
export async function askMissing(
  { url, token, signal }: BlobRequest,
  hashes: readonly string[],
): Promise<readonly string[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ hashes }),
    signal,
  });
  if (!response.ok) return [];
  return ((await response.json()) as { readonly missing: readonly string[] }).missing;
}

/** Whether the server has an answer: "absent" comes and goes with what others upload. */
export type Answer = "complete" | "absent" | "refused" | "failing";

/** Fetches what is missing of a blob. Rejects where the line breaks or falls silent; what has come until then is kept. */
export async function receiveRest(
  { clock, url, token, signal }: BlobRequest,
  received: Received,
  onProgress: Progress,
): Promise<Answer> {
  const stall = new TimeLimit({ clock, milliseconds: stallMilliseconds, outer: signal });
  try {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (received.loaded > 0) headers["Range"] = `bytes=${received.loaded}-`;
    const response = await fetch(url, { headers, signal: stall.signal });
    const answer = await answerOf(response);
    if (answer !== "complete") return answer;
    const { bytes } = received;
    if (response.status !== 206) received.loaded = 0;
    const reader = response.body?.getReader();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return "complete";
      stall.extend();
      // More than was announced is another blob: its hash will say so.
      bytes.set(value.subarray(0, bytes.length - received.loaded), received.loaded);
      received.loaded = Math.min(bytes.length, received.loaded + value.length);
      onProgress(received.loaded);
    }
  } finally {
    stall.end();
  }
}

/** "complete" where the blob follows. A page is not of our server's making, and says nothing about the blob. */
async function answerOf({ ok, status, headers, body }: Response): Promise<Answer> {
  const isPage = headers.get("Content-Type")?.startsWith("text/html") === true;
  if (ok && !isPage) return "complete";
  await body?.cancel();
  if (isPage) return "failing";
  if (status === 404) return "absent";
  // 401: the token has just run out, and the next attempt has another.
  return [401, 429].includes(status) || status >= 500 ? "failing" : "refused";
}
