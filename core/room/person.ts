// Who a participant is to the others, and how the room comes to know it. The key is a secret of the
// person's browser; its hash is the public id, so that nobody can appear as somebody else.

import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "#core/base/bytes.ts";
import { maxNameLength } from "./limits.ts";
import { isPaletteColor, palette } from "./palette.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** Has signed in: name and identity are not just said. */
  readonly verified?: true;
}

const keyPattern = /^[A-Za-z0-9_-]{8,64}$/;

function isPersonKey(key: string): boolean {
  return keyPattern.test(key);
}

export function personId(key: string): string {
  return toHex(sha256(encodeUtf8(`conch person ${key}`)).subarray(0, 10));
}

/** The colour that belongs to an id. */
export function personColor(id: string): string {
  return palette[placeInPalette(id)] ?? palette[0];
}

/** The id's own colour, or the first beside those that are taken; its own again where all are. */
export function freeColor(id: string, taken: ReadonlySet<string>): string {
  const place = placeInPalette(id);
  for (let step = 0; step < palette.length; step++) {
    const color = palette[(place + step * stride) % palette.length];
    if (color !== undefined && !taken.has(color)) return color;
  }
  return personColor(id);
}

/** Visits the whole palette, far from the colour before each time. */
const stride = 5;

function placeInPalette(id: string): number {
  let sum = 0;
  for (const byte of encodeUtf8(id)) sum = (sum * 31 + byte) >>> 0;
  return sum % palette.length;
}

/** The name as it may be shown: no control or direction-changing characters, one line, bounded; "" if nothing is left. */
export function cleanName(name: string): string {
  const plain = name
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return Array.from(plain).slice(0, maxNameLength).join("").trim();
}

/** The id of somebody with an account: no key of a browser has this form, so nobody can pretend to it. */
export function accountPersonId(account: string): string {
  return personId(`account:${account}`);
}

export interface PersonClaim {
  readonly key: string | null;
  readonly name: string | null;
  readonly color: string | null;
  /** Stands in for the key of a stock client that has none. */
  readonly fallbackKey: string;
}

/** The person behind a connection, from what its URL claims. */
export function admitPerson(claim: PersonClaim): Person {
  const key = claim.key !== null && isPersonKey(claim.key) ? claim.key : claim.fallbackKey;
  const id = personId(key);
  const name = cleanName(claim.name ?? "");
  return {
    id,
    name: name === "" ? `Guest ${id.slice(0, 3)}` : name,
    color: isPaletteColor(claim.color) ? claim.color : personColor(id),
  };
}
