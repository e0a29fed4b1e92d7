// This page's machine: the worker that runs Linux, connected to the session's project and blobs.

import type { Machine } from "#machine/machine.ts";
import type { Session } from "#sync/session.ts";

export function createPageMachine(_session: Session): Machine | undefined {
  return undefined;
}
