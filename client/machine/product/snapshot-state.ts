// What the host must remember beside a snapshot of the guest: the 9P session and the overlay, as JSON.

import { FsError } from "#core/base/errno.ts";
import type { SessionState } from "#machine/p9/server.ts";

/** Changes with the format: what another version wrote is refused. */
const format = "conch-host-1";

export interface HostState {
  readonly session: SessionState;
  /** As the overlay exports it. */
  readonly overlay: Uint8Array;
}

export function printHostState({ session, overlay }: HostState): string {
  let binary = "";
  for (const byte of overlay) binary += String.fromCharCode(byte);
  return JSON.stringify({ format, session, overlay: btoa(binary) });
}

/** EPROTO for what is no host state of this version. */
export function parseHostState(text: string): HostState {
  const state = JSON.parse(text) as { format?: string; session: SessionState; overlay: string };
  if (state.format !== format) throw new FsError("EPROTO", "the snapshot's host state is of another version");
  return {
    session: state.session,
    overlay: Uint8Array.from(atob(state.overlay), (byte) => byte.charCodeAt(0)),
  };
}
