// What the Worker asks the Durable Object of a project.

import type { SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Authorization, SharingAnswer } from "#party/participant-access.ts";
import type { RegistryChange } from "#party/registry.ts";
import type { ProjectInfo } from "#party/room.ts";

export interface SeedFile {
  /** Below the project's root, `/` between names. */
  readonly path: string;
  readonly text: string;
}

export interface ProjectRoomRpc {
  /** Undefined where there is no such project. */
  info(): Promise<ProjectInfo | undefined>;
  /** The role that a pass gives to a person now. */
  authorize(pass: Pass, person: Person): Promise<Authorization>;
  /** Lists links and people, after a change where one is requested. */
  share(pass: Pass, person: Person, request: SharingRequest | undefined): Promise<SharingAnswer>;
  /** Makes the project with its first files and those who may enter; false where it exists already. */
  create(name: string, files: readonly SeedFile[], access: RegistryChange): Promise<boolean>;
  /** [BLOB-4] Restarts the time of grace of these blobs, by their SHA-256. */
  touchBlobs(hashes: readonly string[]): Promise<void>;
  /** Opens a WebSocket; the request carries a pass (admission.ts). */
  fetch(request: Request): Promise<Response>;
}
