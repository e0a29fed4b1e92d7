// poll(2) over descriptors: files never wait, standard input may.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import { pollEvent, type PollRequest, type PollResult } from "../system.ts";
import type { Descriptors } from "./open-descriptors.ts";

const nanosecondsPerMillisecond = 1_000_000;

/** The longest timer that runtimes have; a poll that long is asked for again by its program. */
const timerLimitMilliseconds = 2 ** 31 - 1;

export function pollDescriptors(
  open: Descriptors,
  requests: readonly PollRequest[],
  timeout: bigint | undefined,
  interrupt: Interrupt,
): Awaitable<readonly PollResult[]> {
  const first = look(open, requests);
  if (timeout === 0n || first.some(({ events }) => events !== 0)) return first;
  return waitAndLook(open, requests, timeout, interrupt);
}

async function waitAndLook(
  open: Descriptors,
  requests: readonly PollRequest[],
  timeout: bigint | undefined,
  interrupt: Interrupt,
): Promise<readonly PollResult[]> {
  const waited: Promise<void>[] = [];
  for (const { fd, events } of requests) {
    const found = open.get(fd);
    const ready = found.kind === "source" && (events & pollEvent.input) !== 0 && found.source.look();
    if (ready instanceof Promise) waited.push(ready);
  }
  let timer: unknown;
  if (timeout !== undefined) {
    const milliseconds = Math.min(
      Math.ceil(Number(timeout) / nanosecondsPerMillisecond),
      timerLimitMilliseconds,
    );
    waited.push(new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))));
  }
  let off: Disposer = () => undefined;
  waited.push(new Promise((resolve) => (off = interrupt.on(resolve))));
  await Promise.race(waited);
  clearTimeout(timer);
  off();
  if (interrupt.interrupted) throw new FsError("EINTR");
  return look(open, requests);
}

/** What is so without waiting. */
function look(open: Descriptors, requests: readonly PollRequest[]): PollResult[] {
  return requests.map(({ fd, events }) => {
    const found = open.find(fd);
    if (found === undefined) return { events: pollEvent.invalid, bytes: 0 };
    const input = events & pollEvent.input;
    const output = events & pollEvent.output;
    switch (found.kind) {
      case "source":
        if (input === 0 || found.source.look() !== undefined) return { events: 0, bytes: 0 };
        return { events: input, bytes: found.source.bytesReady };
      case "sink":
        return { events: output, bytes: 0 };
      case "file":
      case "directory":
        return { events: input | output, bytes: 0 };
      default:
        return found satisfies never;
    }
  });
}
