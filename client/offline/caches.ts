// The names of what the service worker keeps, and of the one file of the guest whose name says nothing of its content.

import { productIndexFile } from "#machine/product/product-index.ts";

export const guestFolder = "/guest/";
/** Files of the built Linux. */
export const guestCache = "conch-guest";

/** Files of one build of the client. */
export function appCache(version: string): string {
  return `conch-app-${version}`;
}

export function isGuestIndex(path: string): boolean {
  return path === guestFolder + productIndexFile;
}

/** Held, shared, by every machine that runs this Linux (by its product's id). */
export function guestLock(id: string): string {
  return `conch.guest.${id}`;
}
