// Links and people of a project as they are listed and changed: the shapes that travel between page, Worker and room,
// and their parser. Decides nothing; party/sharing-rules.ts does.

import * as v from "valibot";
import { roles, type Role } from "./role.ts";

const maxLabelLength = 80;

export interface SharedLink {
  readonly id: string;
  readonly role: Role;
  readonly label: string;
  /** The name of whoever made it; "" where nobody knows. */
  readonly by: string;
  /** Milliseconds since 1970, as all times here. */
  readonly at: number;
  readonly expires?: number;
  readonly revoked?: number;
  /** The project's own link for its role: handed out where none is asked for in particular. */
  readonly standard?: true;
}

export interface SharedPerson {
  readonly id: string;
  readonly name: string;
  /** "none": removed, and kept out. */
  readonly role: Role | "none";
  /** Has signed in: needs no link. */
  readonly verified?: true;
  readonly email?: string;
  /** Set by an owner: holds whatever link the person comes with. Else the stronger of the two counts. */
  readonly fixed?: true;
  readonly by: string;
  readonly at: number;
}

export interface Invitation {
  readonly email: string;
  readonly role: Role;
  readonly by: string;
  readonly at: number;
}

/** Who is connected now, and what they may do. */
export interface PresentPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly role: Role;
  readonly verified?: true;
  readonly link?: string;
}

export interface Sharing {
  /** Of whoever asks. */
  readonly role: Role;
  readonly links: readonly SharedLink[];
  readonly people: readonly SharedPerson[];
  readonly invitations: readonly Invitation[];
  readonly here: readonly PresentPerson[];
}

const role = v.picklist(roles);
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const label = v.pipe(v.string(), v.trim(), v.maxLength(maxLabelLength));
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const email = v.pipe(v.string(), v.trim(), v.toLowerCase(), v.maxLength(254), v.email());

const sharingRequest = v.variant("type", [
  v.object({
    type: v.literal("make-link"),
    role,
    label: v.exactOptional(label),
    expires: v.exactOptional(time),
    /** The one that there is, where there is one. */
    standard: v.exactOptional(v.literal(true)),
  }),
  v.object({
    type: v.literal("change-link"),
    link: name,
    role: v.exactOptional(role),
    label: v.exactOptional(label),
    /** null: never. */
    expires: v.exactOptional(v.nullable(time)),
  }),
  v.object({ type: v.literal("revoke-link"), link: name }),
  v.object({ type: v.literal("set-person"), person: name, role: v.picklist([...roles, "none"]) }),
  v.object({ type: v.literal("forget-person"), person: name }),
  v.object({ type: v.literal("invite"), email, role }),
  v.object({ type: v.literal("withdraw"), email }),
]);

export type SharingRequest = v.InferOutput<typeof sharingRequest>;

/** Undefined where it is no request. */
export function parseSharingRequest(body: unknown): SharingRequest | undefined {
  const result = v.safeParse(sharingRequest, body);
  return result.success ? result.output : undefined;
}
