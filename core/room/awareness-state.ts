// What people tell of themselves while they are here: one awareness state, as JSON and as an object. It comes from
// strangers, so every field is checked. The room and its participants read states with this file and nothing else.

import * as v from "valibot";
import { isPaletteColor } from "./palette.ts";
import { personColor, type Person } from "./person.ts";

const name = v.pipe(v.string(), v.maxLength(300));
const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));

const user = v.object({ id: name, name, color: v.string(), verified: v.exactOptional(v.literal(true)) });

const fields = {
  /** A node of the project, a cell of it, or a channel. */
  where: v.object({
    file: v.exactOptional(name),
    cell: v.exactOptional(name),
    terminal: v.exactOptional(name),
  }),
  /** Yjs relative positions as JSON. */
  selection: v.object({
    node: name,
    cell: v.exactOptional(name),
    anchor: v.unknown(),
    head: v.unknown(),
  }),
  machine: v.picklist(["off", "starting", "running", "failed"]),
  terminals: v.pipe(
    v.array(v.object({ channel: name, title: name, cols: cells, rows: cells })),
    v.maxLength(64),
  ),
} as const;

type Field = keyof typeof fields;
type FieldValue<F extends Field> = Readonly<v.InferOutput<(typeof fields)[F]>>;

export type AwarenessState = { readonly user: Person } & { readonly [F in Field]?: FieldValue<F> };

/** For a state that is no JSON object. */
class MalformedState extends Error {}

/** All fields of a state, known ones and others. Throws where the text is no JSON object. */
export function parseState(json: string): Readonly<Record<string, unknown>> {
  let state: unknown;
  try {
    state = JSON.parse(json);
  } catch {
    throw new MalformedState("an awareness state is not JSON");
  }
  if (!isRecord(state)) throw new MalformedState("an awareness state is not an object");
  return state;
}

/** The known fields that have the right type; undefined for a state without a person. */
export function readState(state: unknown): AwarenessState | undefined {
  if (!isRecord(state)) return undefined;
  const person = v.safeParse(user, state["user"]);
  if (!person.success) return undefined;
  const { id, color } = person.output;
  const known: Record<string, unknown> = {
    user: { ...person.output, color: isPaletteColor(color) ? color : personColor(id) },
  };
  for (const [field, schema] of Object.entries(fields)) {
    const parsed = v.safeParse(schema, state[field]);
    if (parsed.success) known[field] = parsed.output;
  }
  // Each field was checked against its own schema, which the compiler cannot follow through the loop.
  return known as unknown as AwarenessState;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
