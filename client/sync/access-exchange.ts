// The exchange of what one holds for a project (a link, or a sign-in) for a token that lasts some minutes.

import * as v from "valibot";
import { roles } from "#core/auth/role.ts";
import type { Clock } from "#core/base/clock.ts";
import { closeCode, type CloseCode } from "#core/room/close.ts";
import type { Identity } from "./person.ts";
import { TimeLimit } from "./time-limit.ts";

/** What the server answers an exchange. */
const granted = v.object({
  id: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  person: v.object({
    id: v.string(),
    name: v.string(),
    color: v.string(),
    verified: v.exactOptional(v.literal(true)),
  }),
  token: v.string(),
  /** Milliseconds from now: clocks differ. */
  lasts: v.number(),
});

export type GrantedAccess = v.InferOutput<typeof granted>;

/** The server says no; `message` is its sentence. */
export class AccessRefusal extends Error {
  override readonly name = "AccessRefusal";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }

  /** What the room would have closed with. */
  get code(): CloseCode {
    if (this.status === 404) return closeCode.unknownProject;
    return this.status === 403 ? closeCode.forbidden : closeCode.unauthorized;
  }
}

export interface AccessAddress {
  readonly server: string;
  readonly projectId: string;
  /** The token of a link; "" where one comes by a sign-in alone. */
  readonly link: string;
}

/** [CONN-2] Milliseconds. A server that is silent for so long is taken for unreachable. */
const patience = 10_000;

export type Exchange = typeof exchange;

/** Rejects with an AccessRefusal where the server says no, with another error where it cannot be reached. */
export async function exchange(
  { server, projectId, link }: AccessAddress,
  { key, name, color }: Identity,
  clock: Clock,
): Promise<GrantedAccess> {
  const limit = new TimeLimit({ clock, milliseconds: patience });
  try {
    return await request({ server, projectId, link }, { key, name, color }, limit.signal);
  } finally {
    limit.end();
  }
}

async function request(
  { server, projectId, link }: AccessAddress,
  { key, name, color }: Pick<Identity, "key" | "name" | "color">,
  signal: AbortSignal,
): Promise<GrantedAccess> {
  const response = await fetch(`${server}/api/projects/${encodeURIComponent(projectId)}/access`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      // A page of another site cannot send it: see core/auth/SPEC.md.
      Conch: "1",
      ...(link === "" ? {} : { Authorization: `Bearer ${link}` }),
    },
    body: JSON.stringify({ person: key, name, color }),
    signal,
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return v.parse(granted, answer);
  const { error } = (answer ?? {}) as { readonly error?: unknown };
  // A proxy, or a network that wants people to sign in first, answers with any status: only our server's sentence counts.
  if (typeof error !== "string")
    throw new Error(`Something answers in the server's place (${response.status}).`);
  if (response.status >= 400 && response.status < 500 && response.status !== 429)
    throw new AccessRefusal(response.status, error);
  throw new Error(error);
}
