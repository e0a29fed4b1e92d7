// Our own frames (message type 4): each is declared once, as the schema that parses it and gives its type. What is not
// one of these never travels inward. Knows no sockets. The rules are in SPEC.md.

import * as v from "valibot";
import { roles } from "#core/auth/role.ts";
import { maxFrameLength, maxTitleLength } from "./limits.ts";

/**
 * The version of the frames, which a participant announces as `conch` in the query. A change that an older participant
 * would misunderstand takes the next number; a new frame does not, because unknown ones are passed over.
 */
export const roomProtocolVersion = "1";

const channelKinds = ["terminal", "run"] as const;
export type ChannelKind = (typeof channelKinds)[number];

const channel = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.:-]{1,64}$/));
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const streamName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));

const clientFrame = v.variant("type", [
  v.object({
    type: v.literal("publish"),
    channel,
    title: v.pipe(v.string(), v.maxLength(maxTitleLength)),
    kind: v.picklist(channelKinds),
    cols: v.optional(size),
    rows: v.optional(size),
    /** Whoever watches and may run may also type. */
    offered: v.optional(v.literal(true)),
  }),
  v.object({ type: v.literal("offer"), channel, offered: v.boolean() }),
  v.object({
    type: v.literal("input"),
    channel,
    /** Who types, over all their lines, and the number of this piece. */
    stream: v.optional(streamName),
    at: v.optional(count),
  }),
  /** The publisher has taken everything before piece `next`. */
  v.object({
    type: v.literal("taken"),
    channel,
    to: v.pipe(v.string(), v.maxLength(64)),
    stream: streamName,
    next: count,
  }),
  v.object({ type: v.literal("unpublish"), channel }),
  v.object({ type: v.literal("data"), channel }),
  v.object({ type: v.literal("snapshot"), channel, to: v.pipe(v.string(), v.maxLength(64)) }),
  v.object({ type: v.literal("watch"), channel }),
  v.object({ type: v.literal("unwatch"), channel }),
  v.object({ type: v.literal("mark"), id: count }),
  v.object({ type: v.literal("part"), last: v.boolean() }),
  v.object({ type: v.literal("heard"), id: v.pipe(v.string(), v.maxLength(64)) }),
  v.object({ type: v.literal("token"), token: v.pipe(v.string(), v.maxLength(maxFrameLength)) }),
]);

/** What a participant sends. `data`, `input`, `snapshot` and `part` carry bytes. */
export type ClientFrame = v.InferOutput<typeof clientFrame>;

const person = v.object({
  id: v.string(),
  name: v.string(),
  color: v.string(),
  verified: v.exactOptional(v.literal(true)),
});

const roomFrame = v.variant("type", [
  v.object({ type: v.literal("welcome"), connection: v.string(), person, role: v.picklist(roles) }),
  /** To a publisher: send a snapshot to this watcher. */
  v.object({ type: v.literal("watcher"), channel: v.string(), id: v.string() }),
  v.object({ type: v.literal("data"), channel: v.string() }),
  v.object({ type: v.literal("snapshot"), channel: v.string() }),
  v.object({ type: v.literal("closed"), channel: v.string() }),
  /** To a watcher: whether one may type into it. */
  v.object({ type: v.literal("offered"), channel: v.string(), offered: v.boolean() }),
  /** To a publisher: what somebody types into what they offer. `id` is the connection to answer. */
  v.object({
    type: v.literal("input"),
    channel: v.string(),
    from: person,
    id: v.exactOptional(v.string()),
    stream: v.exactOptional(v.string()),
    at: v.exactOptional(count),
  }),
  /** To the person who types: the publisher has taken everything before piece `next`. */
  v.object({ type: v.literal("taken"), channel: v.string(), stream: v.string(), next: count }),
  /** Everything that was sent before the mark of this id is durable. */
  v.object({ type: v.literal("saved"), id: count }),
  /** Something that was sent has no effect: which, and why as a sentence. */
  v.object({
    type: v.literal("refused"),
    what: v.picklist(["edit", "publish", "watch", "input"]),
    reason: v.string(),
    channel: v.exactOptional(v.string()),
  }),
  /** Answered by `heard`: so the room knows how much of what it sent has been read. */
  v.object({ type: v.literal("probe"), id: v.string() }),
  /** The room closes the connection, for this code and reason: the frame arrives before the host has closed it. */
  v.object({ type: v.literal("ended"), code: count, reason: v.string() }),
  /** Whether the room can store what it receives. */
  v.object({ type: v.literal("storage"), ok: v.boolean(), reason: v.exactOptional(v.string()) }),
]);

/** What the room sends. `data`, `input` and `snapshot` carry bytes. */
export type RoomFrame = v.InferOutput<typeof roomFrame>;

/** Throws where the text is not a frame that a participant may send. */
export function parseClientFrame(json: string): ClientFrame {
  if (json.length > maxFrameLength) throw new Error(`a frame of ${json.length} characters`);
  return v.parse(clientFrame, JSON.parse(json));
}

/** Undefined where the text is not a frame that this version knows: a newer room may say more. */
export function parseRoomFrame(json: string): RoomFrame | undefined {
  const result = v.safeParse(roomFrame, JSON.parse(json));
  return result.success ? result.output : undefined;
}
