// poll_oneoff: waits for clocks and descriptors at once.

import { FsError } from "#core/base/errno.ts";
import { pollEvent, type PollResult } from "../system.ts";
import { clock, clockAbsolute, eventKind, readHangUp, right, wasiErrno } from "./constants.ts";
import type { WasiContext, WasiFunction } from "./context.ts";
import type { ProgramMemory } from "../program-memory.ts";
import { now } from "./process.ts";
import { NotCapable } from "./table.ts";

const subscriptionBytes = 48;
const eventBytes = 32;

type Subscription =
  | { readonly kind: "clock"; readonly tag: bigint; readonly end: bigint }
  | {
      readonly kind: "fd";
      readonly tag: bigint;
      readonly type: number;
      readonly fd: number;
      readonly events: number;
    }
  /** What cannot be waited for is an event at once. */
  | { readonly kind: "wrong"; readonly tag: bigint; readonly type: number; readonly error: number };

/** Sleeps this thread; `until` is a time of the monotonic clock. */
export type Sleep = (until: bigint) => void;

export function pollFunctions(
  { system, table, memory }: WasiContext,
  sleep: Sleep,
): Record<string, WasiFunction> {
  return {
    poll_oneoff: (subscriptionsAt: number, eventsAt: number, count: number, countAt: number) => {
      if (count === 0) throw new FsError("EINVAL");
      const subscriptions: Subscription[] = [];
      for (let index = 0; index < count; index++)
        subscriptions.push(readSubscription(memory, subscriptionsAt + index * subscriptionBytes, table));
      const waited = subscriptions.filter((each) => each.kind === "fd");
      const ends = subscriptions.flatMap((each) => (each.kind === "clock" ? [each.end] : []));
      let end = ends.length === 0 ? undefined : ends.reduce((a, b) => (a < b ? a : b));
      if (subscriptions.some((each) => each.kind === "wrong")) end = 0n;
      let results: readonly PollResult[] = [];
      if (waited.length > 0) {
        const left = end === undefined ? undefined : maxOf(0n, end - now(clock.monotonic));
        results = system.poll(waited, left);
      } else if (end !== undefined) sleep(end);
      const ready = waited.some((_each, index) => results[index]?.events !== 0);
      // A timer's thread may wake a little early: then its clock has come all the same.
      const time = ready || end === undefined ? now(clock.monotonic) : maxOf(end, now(clock.monotonic));
      let written = 0;
      let index = 0;
      for (const each of subscriptions) {
        const result = each.kind === "fd" ? results[index++] : undefined;
        if (writeEvent(memory, eventsAt + written * eventBytes, each, result, time)) written++;
      }
      memory.setUint32(countAt, written);
    },
  } satisfies Record<string, WasiFunction>;

  function readSubscription(
    from: ProgramMemory,
    at: number,
    descriptors: WasiContext["table"],
  ): Subscription {
    const { view } = from;
    const tag = view.getBigUint64(at, true);
    const type = view.getUint8(at + 8);
    if (type === eventKind.clock) {
      const id = view.getUint32(at + 16, true);
      const timeout = view.getBigUint64(at + 24, true);
      const absolute = (view.getUint16(at + 40, true) & clockAbsolute) !== 0;
      if (id > clock.monotonic) return { kind: "wrong", tag, type, error: wasiErrno.EINVAL };
      const wait = absolute ? timeout - now(id) : timeout;
      return { kind: "clock", tag, end: now(clock.monotonic) + maxOf(0n, wait) };
    }
    if (type !== eventKind.read && type !== eventKind.write)
      return { kind: "wrong", tag, type, error: wasiErrno.EINVAL };
    const needed = right.poll | (type === eventKind.read ? right.read : right.write);
    try {
      const { fd } = descriptors.get(view.getUint32(at + 16, true), needed);
      const events = type === eventKind.read ? pollEvent.input : pollEvent.output;
      return { kind: "fd", tag, type, fd, events };
    } catch (thrown) {
      if (thrown instanceof FsError) return { kind: "wrong", tag, type, error: wasiErrno[thrown.code] };
      if (thrown instanceof NotCapable) return { kind: "wrong", tag, type, error: wasiErrno.notCapable };
      throw thrown;
    }
  }
}

/** Whether there was one. */
function writeEvent(
  memory: ProgramMemory,
  at: number,
  each: Subscription,
  result: PollResult | undefined,
  time: bigint,
): boolean {
  let event = { type: 0, error: 0, bytes: 0, flags: 0 };
  switch (each.kind) {
    case "clock":
      if (each.end > time) return false;
      break;
    case "wrong":
      event = { ...event, type: each.type, error: each.error };
      break;
    case "fd": {
      if (result === undefined || result.events === 0) return false;
      const { hangUp, invalid } = pollEvent;
      event = {
        type: each.type,
        error: (result.events & invalid) === 0 ? 0 : wasiErrno.EBADF,
        bytes: result.bytes,
        flags: (result.events & hangUp) === 0 ? 0 : readHangUp,
      };
      break;
    }
    default:
      each satisfies never;
  }
  const { view } = memory;
  view.setBigUint64(at, each.tag, true);
  view.setUint16(at + 8, event.error, true);
  view.setUint8(at + 10, event.type);
  view.setBigUint64(at + 16, BigInt(event.bytes), true);
  view.setUint16(at + 24, event.flags, true);
  return true;
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
