// The token that opens the room and the server's HTTP interface: renewed before it ends, as long as that is allowed.
// Knows no sockets, and not what it is exchanged for.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { AccessRefusal, type GrantedAccess } from "./access-exchange.ts";

export interface AccessTokenOptions {
  readonly clock: Clock;
  /** Rejects with an AccessRefusal where the server says no, with another error where it cannot be reached. */
  readonly exchange: () => Promise<GrantedAccess>;
  /** What an exchange has given already. */
  readonly granted?: GrantedAccess;
  /** There is a fresh token while the last one still holds. */
  readonly onRenewed: (access: GrantedAccess) => void;
  /** There will be none any more. */
  readonly onRefused: (refusal: AccessRefusal) => void;
}

/** A token is renewed when this much of its life is over. */
const renewAt = 0.6;
/** Milliseconds before its end at which a token is no longer used; the shortest wait for another attempt. */
const margin = 1000;
/** Milliseconds. No runtime has longer timers. */
const longestTimer = 2 ** 31 - 1;

export class AccessToken {
  readonly #options: AccessTokenOptions;
  #granted: GrantedAccess | undefined;
  /** Until when the token is used, in milliseconds since 1970. */
  #ends = 0;
  #asking: Promise<GrantedAccess> | undefined;
  #timer: Disposer | undefined;
  #destroyed = false;

  constructor(options: AccessTokenOptions) {
    this.#options = options;
    if (options.granted !== undefined) this.#take(options.granted);
  }

  /** A token that holds, at once where there is one. Rejects as the exchange does. */
  async get(): Promise<string> {
    if (this.#granted !== undefined && this.#options.clock.now() < this.#ends) return this.#granted.token;
    return (await this.#ask()).token;
  }

  /** The room does not take the last token any more. */
  forget(): void {
    this.#granted = undefined;
  }

  /** Asks for a fresh token, with what one says about oneself now. */
  async renew(): Promise<void> {
    this.#timer?.();
    // An exchange that is under way may be about an older name.
    await this.#asking?.catch(() => undefined);
    try {
      const access = await this.#ask();
      if (!this.#destroyed) this.#options.onRenewed(access);
    } catch (error) {
      if (this.#destroyed) return;
      if (error instanceof AccessRefusal) return this.#options.onRefused(error);
      // The server was not reached: again at half of the time that is left. Past its end, whoever needs a token asks.
      const left = this.#ends - this.#options.clock.now();
      if (left > 0) this.#schedule(Math.max(margin, left / 2));
    }
  }

  destroy(): void {
    this.#destroyed = true;
    this.#timer?.();
  }

  #ask(): Promise<GrantedAccess> {
    this.#asking ??= this.#options
      .exchange()
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
