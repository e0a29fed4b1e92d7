// What the Worker is bound to. Local start-up (scripts/) and wrangler.jsonc give the same names.

import type { ProjectRoom } from "./project-room.ts";

export interface Env {
  readonly ROOMS: DurableObjectNamespace<ProjectRoom>;
  readonly BLOBS: R2Bucket;
  /** The built client; in production with the guest product under guest/. */
  readonly ASSETS: Fetcher;
  /** The guest product where it is served from a place of its own. */
  readonly GUEST?: Fetcher;
  /** Names the build of that guest product: changes when any of its files does. */
  readonly GUEST_VERSION?: string;
  /** Signs the tokens: at least 32 characters. */
  readonly CONCH_SECRET: string;
}
