import { expect, it } from "vitest";
import { callerPorts, Callers } from "./callers.ts";

/** What the guest's kernel writes before a request. */
function ask(callers: Callers, process: number, group: number, session: number): void {
  callers.ports.get(callerPorts.process)?.(process);
  callers.ports.get(callerPorts.group)?.(group);
  callers.ports.get(callerPorts.session)?.(session);
}

it("[P9-29] tells processes, groups and sessions apart, and the kernel from all of them", () => {
  const callers = new Callers();
  expect(callers.current).toBeUndefined();
  ask(callers, 12, 11, 10);
  const first = callers.current;
  ask(callers, 13, 11, 10);
  const second = callers.current;
  expect(second?.process).not.toBe(first?.process);
  expect(second?.group).toBe(first?.group);
  ask(callers, 12, 11, 10);
  expect(callers.current).toBe(first);
  ask(callers, 0, 0, 0);
  expect(callers.current).toBeUndefined();
  // A group's first process has the group's number.
  ask(callers, 11, 11, 10);
  expect(callers.current?.process).toBe(first?.group);
});

it("[P9-29] takes a number that was freed for another the next time", () => {
  const callers = new Callers();
  ask(callers, 12, 12, 10);
  const before = callers.current;
  callers.ports.get(callerPorts.freed)?.(12);
  expect(before?.process.ended).toBe(true);
  expect(before?.session.ended).toBe(false);
  ask(callers, 12, 12, 10);
  expect(callers.current?.process).not.toBe(before?.process);
  expect(callers.current?.session).toBe(before?.session);
});

it("[P9-29] counts the runs of a session of cells", () => {
  const callers = new Callers();
  ask(callers, 12, 12, 12);
  callers.beginRun();
  expect(callers.current?.group.run).toBe(1);
  ask(callers, 13, 12, 12);
  expect(callers.current?.process.run).toBe(0);
  expect(callers.current?.group.run).toBe(1);
});
