import { expect, it } from "vitest";
import { machineStatus } from "./machine-status.ts";

it("counts the machine up to running, and never shows 100 % before that", () => {
  expect(machineStatus({ kind: "off" }).text).toBe("Your machine: off");
  expect(machineStatus({ kind: "fetching", loaded: 43, total: 100 }).text).toBe(
    "Your machine: starting 43 %",
  );
  expect(machineStatus({ kind: "fetching", loaded: 5, total: 0 }).text).toBe("Your machine: starting 0 %");
  expect(machineStatus({ kind: "fetching", loaded: 100, total: 100 }).text).toBe(
    "Your machine: starting 99 %",
  );
  expect(machineStatus({ kind: "running" }).text).toBe("Your machine: running");
  expect(machineStatus({ kind: "failed", reason: "Linux gave up." }).text).toBe(
    "Your machine: failed. Linux gave up.",
  );
});
