// What is true now about connection and machine, in the user's words. Pure.

import type { MachineState } from "#core/machine/machine.ts";
import type { ConnectionStatus, StorageStatus } from "#sync/session.ts";

export interface Status {
  readonly text: string;
  readonly tone: "neutral" | "good" | "busy" | "warning" | "danger";
  /** More, for the tooltip. */
  readonly detail?: string;
}

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

export function machineStatus(state: MachineState): Status {
  switch (state.kind) {
    case "off":
      return {
        text: "Your machine: off",
        tone: "neutral",
        detail: "It starts when you run something that needs Linux.",
      };
    case "fetching": {
      const percent = state.total > 0 ? Math.floor((100 * state.loaded) / state.total) : 0;
      return { text: `Your machine: starting ${Math.min(percent, 99)} %`, tone: "busy" };
    }
    case "restoring":
      return { text: "Your machine: starting 99 %", tone: "busy" };
    case "booting":
      return {
        text: "Your machine: starting",
        tone: "busy",
        detail: "No snapshot could be used: Linux boots from its kernel, which takes some seconds.",
      };
    case "running":
      return { text: "Your machine: running", tone: "good" };
    case "failed":
      return { text: `Your machine: failed. ${state.reason}`, tone: "danger", detail: state.reason };
    default:
      return state satisfies never;
  }
}
