// A line between a session and a room, in memory: what each end says waits until somebody lets it through.

import type { Admission, RoomSocket } from "#party/host.ts";
import type { Socket, SocketClass } from "#sync/link.ts";
import type { Random } from "./replicas.ts";

type Event = Parameters<Parameters<Socket["addEventListener"]>[1]>[0];

/** First byte of messages that may be repeated and change places with each other: y-protocols' sync. */
const syncMessage = 0;

/** The session's end. */
class PageSocket implements Socket {
  binaryType = "";
  readyState = 0;
  closed = false;
  readonly sent: (Uint8Array | string)[] = [];
  readonly #listeners: { readonly type: string; readonly hear: (event: Event) => void }[] = [];

  send(data: Uint8Array<ArrayBuffer> | string): void {
    this.sent.push(typeof data === "string" ? data : data.slice());
  }

  close(): void {
    this.closed = true;
  }

  addEventListener(type: string, hear: (event: Event) => void): void {
    this.#listeners.push({ type, hear });
  }

  tell(event: Event): void {
    for (const { type, hear } of this.#listeners) if (type === event.type) hear(event);
  }
}

/** The room's end. */
class FarSocket implements RoomSocket {
  admission: Admission | undefined;
  closed: number | undefined;
  readonly sent: Uint8Array[] = [];

  send(data: Uint8Array): void {
    this.sent.push(data.slice());
  }

  sendText(): void {
    // Pongs: the clock never runs long enough for a line to be thought dead.
  }

  close(code: number): void {
    this.closed ??= code;
  }
}

/** For a session: whenever it connects, `onLine` is handed the line. */
export function socketClass(onLine: (line: Line) => void): SocketClass {
  return class extends PageSocket {
    constructor(url: string) {
      super();
      onLine(new Line(this, new URL(url)));
    }
  };
}

export class Line {
  readonly page: PageSocket;
  readonly room = new FarSocket();
  readonly url: URL;

  constructor(page: PageSocket, url: URL) {
    this.page = page;
    this.url = url;
  }

  /** Who the room is told that this is. */
  get epoch(): string | undefined {
    return this.url.searchParams.get("epoch") ?? undefined;
  }

  open(): void {
    this.page.readyState = 1;
    this.page.tell({ type: "open" });
  }

  /** The session learns that the line has fallen; what was on its way is lost. */
  fall(): void {
    this.page.readyState = 3;
    this.page.tell({ type: "close", code: this.room.closed ?? 1006 });
  }

  /** The next message for the session arrives, if there is one. */
  arrive(random: Random | undefined): boolean {
    const data = next(this.room.sent, random);
    if (data === undefined) return false;
    this.page.tell({ type: "message", data: data.slice().buffer });
    return true;
  }

  /** The next message for the room, if there is one. */
  depart(random: Random | undefined): Uint8Array | string | undefined {
    return next(this.page.sent, random);
  }
}

/** Where there is a `random`, edits may come twice, or after the next one. */
function next<T extends Uint8Array | string>(queue: T[], random: Random | undefined): T | undefined {
  const [first, second] = queue;
  if (first === undefined) return undefined;
  if (random === undefined || !isSync(first)) return queue.shift();
  if (random.chance(8)) return first;
  if (second === undefined || !isSync(second) || !random.chance(4)) return queue.shift();
  queue.splice(0, 2, first);
  return second;
}

function isSync(message: Uint8Array | string): boolean {
  return message[0] === syncMessage;
}
