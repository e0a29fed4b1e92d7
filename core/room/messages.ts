// Messages between participant and room as bytes: y-protocols' types 0 to 3 and our type 4. Read and
// write pairs; keeps no state and knows no document.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { ClientFrame, RoomFrame } from "./frames.ts";

const sync = 0;
const awareness = 1;
const auth = 2;
const queryAwareness = 3;
const conch = 4;

const step1 = 0;
const step2 = 1;
const update = 2;

const permissionDenied = 0;

export type Message =
  | { readonly kind: "step1"; readonly stateVector: Uint8Array }
  | { readonly kind: "step2"; readonly update: Uint8Array }
  | { readonly kind: "update"; readonly update: Uint8Array }
  | { readonly kind: "awareness"; readonly update: Uint8Array }
  | { readonly kind: "query-awareness" }
  | { readonly kind: "denied"; readonly reason: string }
  /** One of ours: JSON, and the bytes that follow it. */
  | { readonly kind: "frame"; readonly json: string; readonly bytes: Uint8Array };

/** Throws where the bytes are no message. The parts are views of `data`. */
export function readMessage(data: Uint8Array): Message {
  const decoder = decoding.createDecoder(data);
  const type = decoding.readVarUint(decoder);
  switch (type) {
    case sync: {
      const step = decoding.readVarUint(decoder);
      const content = decoding.readVarUint8Array(decoder);
      if (step === step1) return { kind: "step1", stateVector: content };
      if (step === step2) return { kind: "step2", update: content };
      if (step === update) return { kind: "update", update: content };
      throw new Error(`sync message ${step} is unknown`);
    }
    case awareness:
      return { kind: "awareness", update: decoding.readVarUint8Array(decoder) };
    case auth: {
      if (decoding.readVarUint(decoder) !== permissionDenied)
        throw new Error("an auth message of an unknown kind");
      return { kind: "denied", reason: decoding.readVarString(decoder) };
    }
    case queryAwareness:
      return { kind: "query-awareness" };
    case conch: {
      const json = decoding.readVarString(decoder);
      return { kind: "frame", json, bytes: decoding.readTailAsUint8Array(decoder) };
    }
    default:
      throw new Error(`message type ${type} is unknown`);
  }
}

function writeSync(step: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, sync);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

export function writeStep1(stateVector: Uint8Array): Uint8Array<ArrayBuffer> {
  return writeSync(step1, stateVector);
}

export function writeStep2(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return writeSync(step2, content);
}

export function writeUpdate(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return writeSync(update, content);
}

export function writeAwarenessMessage(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, awareness);
  encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

export function writeQueryAwareness(): Uint8Array<ArrayBuffer> {
  return new Uint8Array([queryAwareness]);
}

/** What a stock client understands as a refusal. */
export function writeDenied(reason: string): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, auth);
  encoding.writeVarUint(encoder, permissionDenied);
  encoding.writeVarString(encoder, reason);
  return encoding.toUint8Array(encoder);
}

export function writeFrame(frame: ClientFrame | RoomFrame, bytes?: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, conch);
  encoding.writeVarString(encoder, JSON.stringify(frame));
  if (bytes !== undefined) encoding.writeUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}

/** Cuts a message that is longer than a host's frame limit into `part` frames; a short one stays as it is. */
export function cutMessage(message: Uint8Array<ArrayBuffer>, partBytes: number): Uint8Array<ArrayBuffer>[] {
  if (message.length <= partBytes) return [message];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < message.length; from += partBytes) {
    const to = Math.min(from + partBytes, message.length);
    parts.push(writeFrame({ type: "part", last: to === message.length }, message.subarray(from, to)));
  }
  return parts;
}
