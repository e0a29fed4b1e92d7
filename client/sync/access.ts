// Access to a project: exchanges what one holds (a link, or a sign-in) for a token that lasts some minutes, again and
// again. Knows no sockets.

import * as v from "valibot";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { roles } from "#core/auth/role.ts";
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

export interface AccessOptions extends AccessAddress {
  readonly clock: Clock;
  /** Who one says to be. */
  readonly person: () => Identity;
  /** What an exchange has given already. */
  readonly granted?: GrantedAccess;
  /** There is a fresh token while the last one still holds. */
  readonly onRenewed: (access: GrantedAccess) => void;
  /** There will be none any more. */
  readonly onRefused: (refusal: AccessRefusal) => void;
}

/** A token is renewed when this much of its life is over. */
const renewAt = 0.6;
/** Milliseconds before its end at which a token is no longer used. */
const margin = 1000;
/** Milliseconds. A runtime has no longer timers. */
const longestTimer = 2 ** 31 - 1;
/** A server that is silent for this many milliseconds is taken for unreachable. */
const patience = 10_000;

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

export class Access {
  readonly #options: AccessOptions;
  #granted: GrantedAccess | undefined;
  #ends = 0;
  #asking: Promise<GrantedAccess> | undefined;
  #timer: Disposer | undefined;
  #destroyed = false;

  constructor(options: AccessOptions) {
    this.#options = options;
    if (options.granted !== undefined) this.#take(options.granted);
  }

  /** A token that holds, at once where there is one. */
  async token(): Promise<string> {
    if (this.#granted !== undefined && this.#options.clock.now() < this.#ends) return this.#granted.token;
    return (await this.#ask()).token;
  }

  /** The last token is not worth anything any more. */
  forget(): void {
    this.#granted = undefined;
  }

  /** A fresh token, with what one says about oneself now. */
  async renew(): Promise<void> {
    this.#timer?.();
    // An exchange that is under way may be about an older name.
    await this.#asking?.catch(() => undefined);
    try {
      const access = await this.#ask();
      if (!this.#destroyed) this.#options.onRenewed(access);
    } catch (error) {
      if (this.#destroyed) return;
      if (error instanceof AccessRefusal) this.#options.onRefused(error);
      // Not reached: as often as there is time, until the old one ends.
      else this.#schedule(Math.max(margin, (this.#ends - this.#options.clock.now()) / 2));
    }
  }

  destroy(): void {
    this.#destroyed = true;
    this.#timer?.();
  }

  #ask(): Promise<GrantedAccess> {
    this.#asking ??= exchange(this.#options, this.#options.person(), this.#options.clock)
      .then((access) => {
        this.#take(access);
        return access;
      })
      .finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  #take(access: GrantedAccess): void {
    this.#granted = access;
    this.#ends = this.#options.clock.now() + access.lasts - Math.min(margin, access.lasts / 4);
    this.#schedule(access.lasts * renewAt);
  }

  #schedule(wait: number): void {
    this.#timer?.();
    if (this.#destroyed) return;
    this.#timer = this.#options.clock.after(Math.min(wait, longestTimer), () => void this.renew());
  }
}
