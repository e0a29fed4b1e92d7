// A line between a session and a room, in memory: what each end says waits until somebody lets it through.

import type { Admission, RoomSocket } from "#party/host.ts";
import type { SocketClass } from "#sync/room-connection.ts";
import { type MemorySocket, memorySockets } from "../harness/memory-socket.ts";
import type { Random } from "../harness/random.ts";

/** First byte of messages that may be repeated and change places with each other: y-protocols' sync. */
const syncMessage = 0;

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
export function lineClass(onLine: (line: Line) => void): SocketClass {
  return memorySockets((socket) => onLine(new Line(socket)));
}

export class Line {
  readonly page: MemorySocket;
  readonly room = new FarSocket();

  constructor(page: MemorySocket) {
    this.page = page;
  }

  /** Who the room is told that this is. */
  get epoch(): string | undefined {
    return new URL(this.page.url).searchParams.get("epoch") ?? undefined;
  }

  open(): void {
    this.page.open();
  }

  /** The session learns that the line has fallen; what was on its way is lost. */
  fall(): void {
    this.page.end(this.room.closed);
  }

  /** The next message for the session arrives, if there is one. */
  arrive(random: Random | undefined): boolean {
    const data = next(this.room.sent, random);
    if (data === undefined) return false;
    this.page.deliver(data);
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
