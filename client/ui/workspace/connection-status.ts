// How the connection to the server is, in words. Pure.

import type { ConnectionStatus, StorageStatus } from "#sync/session.ts";
import type { Status } from "#ui/kit/chip.tsx";

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

export function connectionStatus(
  connection: ConnectionStatus,
  unsaved: number,
  storage: StorageStatus = { ok: true },
  /** What is done here outlives the tab. */
  kept = true,
  mayEdit = true,
): Status {
  const safety = kept
    ? "It is kept in this browser, also when the tab is closed."
    : "This browser keeps nothing: leave this tab open.";
  if (connection.kind === "online" && !storage.ok)
    return {
      text: `Not saved to the server (${changes(unsaved)})`,
      tone: "danger",
      detail: `${storage.reason} ${safety}`,
    };
  switch (connection.kind) {
    case "connecting":
      return unsaved === 0
        ? { text: "Connecting…", tone: "neutral" }
        : {
            text: `Not saved to the server yet (${changes(unsaved)})`,
            tone: "warning",
            detail: `Connecting… ${safety}`,
          };
    case "online":
      return unsaved === 0
        ? mayEdit
          ? { text: "Saved", tone: "good", detail: "Everything is on the server." }
          : {
              text: "Up to date",
              tone: "good",
              detail: "You cannot change this project: what your machine writes stays in this tab.",
            }
        : { text: `Not saved to the server yet (${changes(unsaved)})`, tone: "busy", detail: safety };
    case "offline":
      return {
        text:
          unsaved === 0
            ? `The server cannot be reached. You can go on; ${kept ? "everything is kept here" : "leave this tab open, as this browser keeps nothing"}.`
            : `The server cannot be reached. Not saved to the server yet (${changes(unsaved)}).`,
        tone: "warning",
        detail:
          unsaved === 0
            ? "Nothing of yours is missing on the server. It tries again by itself."
            : `You can go on; it tries again by itself. ${safety}`,
      };
    case "refused":
      return {
        text: connection.reason,
        tone: "danger",
        detail:
          unsaved === 0
            ? "Everything that you did is on the server."
            : `${changes(unsaved)} did not reach the server. ${safety}`,
      };
    default:
      return connection satisfies never;
  }
}
