// Requests for the guest agent (SPEC INBOX-1 to INBOX-6): what the host asks, as lines that one reader waits for.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { TerminalSize } from "#core/machine/machine.ts";
import { MessageQueue } from "./message-queue.ts";

export type AgentRequest =
  | { readonly kind: "start" | "warm" | "forget"; readonly task: number }
  | { readonly kind: "signal"; readonly task: number; readonly signal: number }
  | { readonly kind: "kill"; readonly pid: number; readonly signal: number }
  | { readonly kind: "winch"; readonly task: number; readonly size: TerminalSize }
  | { readonly kind: "line"; readonly task: number; readonly text: string }
  | { readonly kind: "park" };

/** The longest request that the agent reads, in bytes with its newline. */
const requestMaxBytes = 16 * 1024;

function printRequest(request: AgentRequest): string {
  switch (request.kind) {
    case "start":
    case "warm":
    case "forget":
      return `${request.kind} ${request.task}\n`;
    case "signal":
      return `signal ${request.task} ${request.signal}\n`;
    case "kill":
      return `kill ${request.pid} ${request.signal}\n`;
    case "winch":
      return `winch ${request.task} ${request.size.cols} ${request.size.rows}\n`;
    case "line":
      if (/[\n\0]/.test(request.text)) throw new FsError("EINVAL", "a control line is one line");
      return `line ${request.task} ${request.text}\n`;
    case "park":
      return "park\n";
    default:
      return request satisfies never;
  }
}

export class Inbox {
  readonly #queue = new MessageQueue();
  readonly #onRead: () => void;

  /** `onRead` is called at each read: the agent is there. */
  constructor(onRead: () => void) {
    this.#onRead = onRead;
  }

  send(request: AgentRequest): void {
    const bytes = encodeUtf8(printRequest(request));
    if (bytes.length > requestMaxBytes) throw new FsError("E2BIG", "the request to the agent is too long");
    this.#queue.send(bytes);
  }

  /** Exactly one request; E2BIG where it does not fit. */
  read(count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    this.#onRead();
    return this.#queue.read(count, interrupt);
  }

  /** Drops what was not read yet: the machine has stopped. */
  clear(): void {
    this.#queue.clear();
  }
}
