// What people tell of themselves while they are here, as it arrives: from strangers, so every field is checked.

import * as v from "valibot";
import { isPaletteColor } from "#core/room/palette.ts";
import { personColor, type Person } from "#core/room/person.ts";

type MachineMood = "off" | "starting" | "running" | "busy" | "failed";

interface Place {
  /** A node of the project. */
  readonly file?: string;
  readonly cell?: string;
  /** A channel. */
  readonly terminal?: string;
}

interface Selection {
  readonly node: string;
  readonly cell?: string;
  /** Yjs relative positions as JSON. */
  readonly anchor: unknown;
  readonly head: unknown;
}

interface OfferedTerminal {
  readonly channel: string;
  readonly title: string;
  readonly cols: number;
  readonly rows: number;
}

export interface AwarenessState {
  readonly user: Person;
  readonly where?: Place;
  readonly selection?: Selection;
  readonly machine?: MachineMood;
  readonly terminals?: readonly OfferedTerminal[];
}

export interface Participant {
  readonly clientId: number;
  readonly self: boolean;
  readonly person: Person;
  readonly state: AwarenessState;
}

const name = v.pipe(v.string(), v.maxLength(300));
const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));

const user = v.object({ id: name, name, color: v.string(), verified: v.exactOptional(v.literal(true)) });
const fields = {
  where: v.object({
    file: v.exactOptional(name),
    cell: v.exactOptional(name),
    terminal: v.exactOptional(name),
  }),
  selection: v.object({
    node: name,
    cell: v.exactOptional(name),
    anchor: v.unknown(),
    head: v.unknown(),
  }),
  machine: v.picklist(["off", "starting", "running", "busy", "failed"]),
  terminals: v.pipe(
    v.array(v.object({ channel: name, title: name, cols: cells, rows: cells })),
    v.maxLength(64),
  ),
} as const;

/** The fields that are what they should be; undefined for a state without a person. */
export function readState(state: unknown): AwarenessState | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const known = state as Readonly<Record<string, unknown>>;
  const person = v.safeParse(user, known["user"]);
  if (!person.success) return undefined;
  const { id, color } = person.output;
  const result: Record<string, unknown> = {
    user: { ...person.output, color: isPaletteColor(color) ? color : personColor(id) },
  };
  for (const [field, schema] of Object.entries(fields)) {
    const parsed = v.safeParse(schema, known[field]);
    if (parsed.success) result[field] = parsed.output;
  }
  return result as unknown as AwarenessState;
}

/** Oneself first, then by name; at the same name by client, so that nobody swaps places. */
export function listParticipants(states: ReadonlyMap<number, unknown>, own: number): readonly Participant[] {
  const participants: Participant[] = [];
  for (const [clientId, raw] of states) {
    const state = readState(raw);
    if (state !== undefined)
      participants.push({ clientId, self: clientId === own, person: state.user, state });
  }
  return participants.sort(
    (a, b) =>
      Number(b.self) - Number(a.self) ||
      (a.person.name < b.person.name ? -1 : a.person.name > b.person.name ? 1 : 0) ||
      a.clientId - b.clientId,
  );
}
