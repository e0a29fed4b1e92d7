// What an answer to an upload means. Only our own server's words count as a refusal: a proxy, or the page of a network
// that wants people to sign in, answers with any status, and says nothing about the project.

import { fileLimitWords } from "#core/project/limits.ts";

/** `problem` is a sentence's end: "the server cannot be reached". */
export type UploadAnswer =
  | { readonly kind: "stored" }
  /** Trying again may help. */
  | { readonly kind: "failing"; readonly problem: string }
  | { readonly kind: "refused"; readonly problem: string };

export const unreachable = { kind: "failing", problem: "the server cannot be reached" } as const;
export const stored: UploadAnswer = { kind: "stored" };

const storedStatuses = [201, 204];

const refusals: ReadonlyMap<number, string> = new Map([
  [403, "with this link nothing may be stored"],
  [404, "the project is gone"],
  [413, fileLimitWords],
]);

const failures: ReadonlyMap<number, string> = new Map([
  [401, "the server does not accept this link now"],
  [507, "the server cannot store it now, as its disk may be full"],
]);

/** `body` is the answer's text. */
export function readUploadAnswer(status: number, body: string): UploadAnswer {
  if (storedStatuses.includes(status)) return stored;
  const ours = isOurError(body);
  const refusal = ours ? refusals.get(status) : undefined;
  if (refusal !== undefined) return { kind: "refused", problem: refusal };
  const failure = ours ? failures.get(status) : undefined;
  if (failure !== undefined) return { kind: "failing", problem: failure };
  if (ours || status >= 500) return { kind: "failing", problem: "the server has a problem" };
  return { kind: "failing", problem: "something else answers in the server's place" };
}

/** Our server's refusals are JSON with a sentence. */
function isOurError(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null && "error" in answer;
  } catch {
    return false;
  }
}
