import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { terminalSpec } from "./programs.ts";
import { GuestSide } from "#test/harness/guest-side.ts";
import { SpareTerminal } from "./spare-terminal.ts";
import { TaskTable } from "#machine/task/task-table.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const size = { cols: 100, rows: 30 };

function collect(): { text: () => string; events: { output: (fd: 1 | 2, data: Uint8Array) => void } } {
  let text = "";
  return { text: () => text, events: { output: (_fd, data) => void (text += decodeUtf8Lossy(data)) } };
}

it("after a terminal was opened, the next shell waits at its prompt", async () => {
  const tasks = new TaskTable();
  const guest = new GuestSide(tasks.fs);
  const terminals = new SpareTerminal(tasks);
  const first = await terminals.spawn(terminalSpec(size), collect().events);
  expect(await guest.request()).toBe("start 1\n");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await guest.request()).toBe("start 2\n");
  await guest.write("2/fd/1", "prompt$ ");
  const { text, events } = collect();
  const second = await terminals.spawn(terminalSpec(size), events);
  expect([first.id, second.id]).toEqual([1, 2]);
  expect(text()).toBe("prompt$ ");
  expect(await guest.request()).toBe("winch 2 100 30\n");
  await guest.write("2/fd/1", "more");
  expect(text()).toBe("prompt$ more");
});

it("gives nobody a shell that is not what was asked for, or that has ended", async () => {
  const tasks = new TaskTable();
  const guest = new GuestSide(tasks.fs);
  const terminals = new SpareTerminal(tasks);
  await terminals.spawn(terminalSpec(size), collect().events);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await terminals.spawn({ ...terminalSpec(size), cwd: "/tmp" }, collect().events)).id).toBe(3);
  expect((await terminals.spawn({ argv: ["bash", "-l"] }, collect().events)).id).toBe(4);
  await guest.write("2/status", "exited 0\n");
  expect((await terminals.spawn(terminalSpec(size), collect().events)).id).toBe(5);
  terminals.stop();
});
