// What a file is, by the ending of its name, as browsers are told.

import { getMimeType } from "hono/utils/mime";

/** `application/octet-stream` where nothing is known of the ending. */
export function contentType(path: string): string {
  return getMimeType(path.slice(path.lastIndexOf("/") + 1)) ?? "application/octet-stream";
}
