// Whether an answer is what was asked for. A network that wants people to sign in first answers anything with a page of
// its own; kept, that would stand in the way for ever.

/** A file of the guest is called by the SHA-256 of its bytes, or the beginning of it. */
const contentName = /^\/guest\/.*?(?:\/|-)([0-9a-f]{16}|[0-9a-f]{64})$/;

/** `path` is no page of the app. */
export function isGenuine({ ok, status, headers }: Response): boolean {
  return ok && status === 200 && headers.get("Content-Type")?.startsWith("text/html") !== true;
}

/** Of a file whose name says what is in it. */
export async function hasItsContent(path: string, bytes: ArrayBuffer): Promise<boolean> {
  const wanted = contentName.exec(path)?.[1];
  if (wanted === undefined) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hash.startsWith(wanted);
}
