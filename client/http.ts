// The server's HTTP interface as the page uses it: projects and links. Failures are sentences for the user.

import type { SharingRequest } from "#core/auth/sharing.ts";
import type { ShownSharing } from "#ui/sharing/sharing-model.ts";

/** A request that was answered with a refusal, or not at all. */
export class ServerError extends Error {
  /** HTTP status; 0 where the server cannot be reached. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ServerError";
    this.status = status;
  }
}

export interface ProjectLink {
  readonly url: string;
  readonly token: string;
}

async function ask(method: "GET" | "POST", path: string, token?: string, body?: object): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        // Only so a sign-in counts: a page of another site cannot send it.
        Conch: "1",
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ServerError(0, "The server cannot be reached.");
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { error } = (answer ?? {}) as { readonly error?: unknown };
  throw new ServerError(
    response.status,
    typeof error === "string" ? error : `The server answered with an error (${response.status}).`,
  );
}

function strings<K extends string>(answer: unknown, ...keys: readonly K[]): Record<K, string> {
  const fields = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const found: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = fields[key];
    if (typeof value !== "string")
      throw new ServerError(200, "The server gave an answer that makes no sense.");
    found[key] = value;
  }
  return found as Record<K, string>;
}

export async function createProject(options: {
  readonly name?: string;
  readonly example?: string;
}): Promise<ProjectLink & { readonly id: string }> {
  return strings(await ask("POST", "/api/projects", undefined, options), "id", "url", "token");
}

/** What the project is called now, for somebody who has a link of it. */
export async function askProject(id: string, token: string): Promise<{ readonly name: string }> {
  return strings(await ask("GET", `/api/projects/${encodeURIComponent(id)}`, token), "name");
}

/** Lists links and people, after a change where one is asked for. */
export async function askSharing(id: string, token: string, request?: SharingRequest): Promise<ShownSharing> {
  const path = `/api/projects/${encodeURIComponent(id)}/sharing`;
  const answer = await ask(request === undefined ? "GET" : "POST", path, token, request);
  // Our own server, of our own version: its shape is that of the type.
  return answer as ShownSharing;
}
