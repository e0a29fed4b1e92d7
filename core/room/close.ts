// Close codes of the room. 44xx is final (y-websocket does not try again), 45xx means: come back later.

export const closeCode = {
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  unknownProject: 4404,
  otherEpoch: 4409,
  tooLarge: 4413,
  /** The participant speaks another version of our frames. */
  otherVersion: 4426,
  tooFast: 4529,
  /** Has stopped reading, or cannot show that it reads. */
  tooSlow: 4508,
  full: 4503,
} as const;

export type CloseCode = (typeof closeCode)[keyof typeof closeCode];

/** Whether trying again is pointless until something else has changed. */
export function isFinal(code: number): boolean {
  return code >= 4400 && code < 4500;
}

/** A WebSocket close reason has at most 123 bytes. */
export function closeReason(sentence: string): string {
  let reason = sentence;
  while (new TextEncoder().encode(reason).length > 123) reason = reason.slice(0, -1);
  return reason;
}
