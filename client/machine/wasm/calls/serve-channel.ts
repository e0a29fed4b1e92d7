// The machine's end of a channel: performs the calls of a program, between whatever else this thread does.

import { type Awaitable, isPromise } from "#core/base/awaitable.ts";
import type { System } from "../system.ts";
import { failureOf, performCall } from "./calls.ts";
import { type Channel, channelState, word } from "./channel.ts";
import { readValue, type Value, writeValue } from "./values.ts";

/** After an answer, this long the next call is waited for: calls come in bursts, and a ring costs many times as much. */
const watchMilliseconds = 0.05;

/** Then the guest and everybody else on this thread get their turn. */
const turnMilliseconds = 2;

export class ChannelServer {
  readonly #channel: Channel;
  readonly #system: System;
  /** A call that waits for its answer, seen once. */
  #busy = false;

  constructor(channel: Channel, system: System) {
    this.#channel = channel;
    this.#system = system;
  }

  /** Somebody rang: performs what was called, and what is called at once after it. */
  serve(): void {
    const { words } = this.#channel;
    const end = performance.now() + turnMilliseconds;
    while (this.#take()) {
      if (this.#busy || performance.now() > end) return;
      Atomics.store(words, word.watched, 1);
      const giveUp = performance.now() + watchMilliseconds;
      while (Atomics.load(words, word.state) !== channelState.called && performance.now() < giveUp);
      // From here on the program rings. A call that came just before is still seen by `take`.
      Atomics.store(words, word.watched, 0);
    }
  }

  /** Whether there was a call. */
  #take(): boolean {
    const { words, data } = this.#channel;
    if (this.#busy || Atomics.load(words, word.state) !== channelState.called) return false;
    let result: Awaitable<Value>;
    try {
      // What is written may be kept: it must not change with the next call.
      result = performCall(this.#system, ownBytes(readValue(data.subarray(0, words[word.length]))));
    } catch (thrown) {
      this.#fail(thrown);
      return true;
    }
    if (isPromise(result)) {
      this.#busy = true;
      void result.then(
        (value) => this.#answerLate(() => this.#answer(channelState.answered, value)),
        (thrown: unknown) => this.#answerLate(() => this.#fail(thrown)),
      );
    } else this.#answer(channelState.answered, result);
    return true;
  }

  #answerLate(answer: () => void): void {
    this.#busy = false;
    answer();
    this.serve();
  }

  #fail(thrown: unknown): void {
    this.#answer(channelState.failed, failureOf(thrown));
  }

  #answer(state: number, value: Value): void {
    const { words, data } = this.#channel;
    try {
      words[word.length] = writeValue(data, value);
    } catch (thrown) {
      words[word.length] = writeValue(data, failureOf(thrown));
      Atomics.store(words, word.state, channelState.failed);
      Atomics.notify(words, word.state);
      return;
    }
    Atomics.store(words, word.state, state);
    Atomics.notify(words, word.state);
  }
}

function ownBytes(value: Value): Value {
  if (!Array.isArray(value)) return value;
  return (value as readonly Value[]).map((each) => (each instanceof Uint8Array ? each.slice() : each));
}
