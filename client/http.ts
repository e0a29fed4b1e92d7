// The server's HTTP interface as the page uses it: projects and links. Failures are sentences for the user.

import { isRole } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";

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

export interface ProjectInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
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

export async function readProject(id: string, token: string): Promise<ProjectInfo> {
  const answer = strings(
    await ask("GET", `/api/projects/${encodeURIComponent(id)}`, token),
    "id",
    "name",
    "role",
  );
  if (!isRole(answer.role))
    throw new ServerError(200, "The server speaks of a role that this page does not know.");
  return { id: answer.id, name: answer.name, role: answer.role };
}

export async function createLink(id: string, token: string, role: Role): Promise<ProjectLink> {
  const path = `/api/projects/${encodeURIComponent(id)}/links`;
  return strings(await ask("POST", path, token, { role }), "url", "token");
}
