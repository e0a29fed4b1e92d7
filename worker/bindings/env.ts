// What the Worker is bound to. Local start-up (scripts/) and wrangler.jsonc give the same names.
// Durable Objects appear as the interfaces that they implement: no file here imports their classes.

import type { AccountRpc } from "./account-rpc.ts";
import type { ProjectRoomRpc } from "./project-room-rpc.ts";

/** Durable Objects of one class, by name; one is made when it is first asked. */
interface Objects<Rpc> {
  getByName(name: string): Rpc;
}

export interface Env {
  readonly ROOMS: Objects<ProjectRoomRpc>;
  readonly ACCOUNTS: Objects<AccountRpc>;
  readonly BLOBS: R2Bucket;
  /** The built client; in production with the guest product under guest/. */
  readonly ASSETS: Fetcher;
  /** The guest product where it is served from a place of its own. */
  readonly GUEST?: Fetcher;
  /** Names the build of that guest product: changes when any of its files does. */
  readonly GUEST_VERSION?: string;
  /** Seconds that a blob must not have been needed before it is deleted; 7 days where it is left out. */
  readonly CONCH_BLOB_GRACE?: string;
  /** Signs the tokens: at least 32 characters. */
  readonly CONCH_SECRET: string;
  /** Seconds that an access token lasts; 600 where it is left out. */
  readonly CONCH_ACCESS_SECONDS?: string;
  /** The OpenID Connect provider that people sign in with; without it and a client's id nobody can. */
  readonly OIDC_ISSUER?: string;
  readonly OIDC_CLIENT_ID?: string;
  /** Left out for a public client. */
  readonly OIDC_CLIENT_SECRET?: string;
}
