// A participant of the bench: raw frames of y-protocols over the package ws, the same for every host. Keeps no document,
// so that what is measured is the host: it sends updates that were made before, and counts what arrives.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";

export interface Target {
  readonly url: string;
  /** Hocuspocus puts the document's name before every message, and wants a token first. */
  readonly document?: string;
}

const sync = 0;
const auth = 2;
const step1 = 0;
const step2 = 1;
const update = 2;
const nothing = Y.encodeStateVector(new Y.Doc());

export class BenchClient {
  readonly #socket: WebSocket;
  readonly #target: Target;
  messages = 0;
  /** Told of every update and step 2; undefined counts only. */
  onUpdate: ((update: Uint8Array, kind: "step2" | "update") => void) | undefined;
  closed: string | undefined;

  private constructor(target: Target) {
    this.#target = target;
    this.#socket = new WebSocket(target.url, { maxPayload: 256 << 20, perMessageDeflate: false });
    this.#socket.binaryType = "nodebuffer";
    this.#socket.on("message", (data: Buffer) => this.#receive(data));
    this.#socket.on("close", (code, reason) => (this.closed = `${code} ${reason.toString()}`));
  }

  static open(target: Target): Promise<BenchClient> {
    const client = new BenchClient(target);
    return new Promise((resolve, reject) => {
      client.#socket.on("error", reject);
      client.#socket.on("open", () => {
        if (target.document !== undefined)
          client.#send(auth, (encoder) => {
            encoding.writeVarUint(encoder, 0);
            encoding.writeVarString(encoder, "token");
          });
        resolve(client);
      });
    });
  }

  sendUpdate(content: Uint8Array): void {
    this.#send(sync, (encoder) => {
      encoding.writeVarUint(encoder, update);
      encoding.writeVarUint8Array(encoder, content);
    });
  }

  /** Asks for the whole document; settles once so many bytes of it are here: not every host has them all in its answer. */
  sync(bytes = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.on("close", () => reject(new Error(`the host closed: ${this.closed ?? ""}`)));
      let answered = false;
      let received = 0;
      this.onUpdate = (content, kind) => {
        answered ||= kind === "step2";
        received += content.length;
        if (answered && received >= bytes) resolve();
      };
      this.#send(sync, (encoder) => {
        encoding.writeVarUint(encoder, step1);
        encoding.writeVarUint8Array(encoder, nothing);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed !== undefined) return resolve();
      this.#socket.on("close", () => resolve());
      // Not every host answers a close: half a minute each would be waited for that.
      return this.#socket.terminate();
    });
  }

  #send(type: number, write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    if (this.#target.document !== undefined) encoding.writeVarString(encoder, this.#target.document);
    encoding.writeVarUint(encoder, type);
    write(encoder);
    this.#socket.send(encoding.toUint8Array(encoder));
  }

  #receive(data: Buffer): void {
    this.messages++;
    if (this.onUpdate === undefined) return;
    const decoder = decoding.createDecoder(data);
    if (this.#target.document !== undefined) decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    // Hocuspocus answers step 1 by a type of its own, 4, with the same content.
    if (type !== sync && !(type === 4 && this.#target.document !== undefined)) return;
    const step = decoding.readVarUint(decoder);
    const content = decoding.readVarUint8Array(decoder);
    if (step === step1) {
      // Everybody owes an answer: we have nothing.
      this.#send(sync, (encoder) => {
        encoding.writeVarUint(encoder, step2);
        encoding.writeVarUint8Array(encoder, Y.encodeStateAsUpdate(new Y.Doc()));
      });
    } else this.onUpdate(content, step === step2 ? "step2" : "update");
  }
}
