// How this person's machine is, in words. Pure.

import type { MachineState } from "#core/machine/machine.ts";
import type { Status } from "#ui/kit/chip.tsx";

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
