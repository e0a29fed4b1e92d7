// One call at a time from a program that waits in the middle of its computation, through memory that both threads see.
// This is the memory and the program's end; serve-channel.ts is the machine's.

import { systemLimits } from "../system.ts";
import { errorOf, systemCalls, type SynchronousSystem } from "./calls.ts";
import { readValue, type Value, writeValue } from "./values.ts";

/** Indexes of 32-bit words at the start of the memory (SPEC CALL-1). */
export const word = {
  /** See `channelState`. */
  state: 0,
  /** Bytes of the call or the answer. */
  length: 1,
  /** 1 while the machine looks at `state` by itself: then the program need not ring. */
  watched: 2,
} as const;

export const channelState = { idle: 0, called: 1, answered: 2, failed: 3 } as const;

const headerBytes = 64;

/** Data or a listing of names of 255 bytes, and what is around it. */
const channelBytes = headerBytes + systemLimits.dataBytes + 64 * 1024;

/** A short look before sleeping: an answer that is nearly there is cheaper than being woken. */
const looks = 400;

export class Channel {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly data: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(channelBytes)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, headerBytes / 4);
    this.data = new Uint8Array(memory, headerBytes);
  }
}

/** The program's end. `ring` tells the machine's event loop that there is a call. */
export function connectChannel({ words, data }: Channel, ring: () => void): SynchronousSystem {
  const call = (values: readonly Value[]): Value => {
    words[word.length] = writeValue(data, values);
    Atomics.store(words, word.state, channelState.called);
    if (Atomics.load(words, word.watched) === 0) ring();
    let state: number = channelState.called;
    for (let left = looks; left > 0 && state === channelState.called; left--)
      state = Atomics.load(words, word.state);
    while (state === channelState.called) {
      Atomics.wait(words, word.state, channelState.called);
      state = Atomics.load(words, word.state);
    }
    const answer = readValue(data.subarray(0, words[word.length]));
    if (state === channelState.failed) throw errorOf(answer);
    return answer;
  };
  const system: Record<string, (...values: readonly Value[]) => Value> = {};
  for (const name of systemCalls) system[name] = (...values) => call([name, ...values]);
  // Each method passes its call on as it is: the types are those of System.
  return system as unknown as SynchronousSystem;
}
