// What kinds of nodes are to a guest.

import type { NodeKind } from "#core/project/project.ts";
import { fileType } from "../fs.ts";

/** Whether it has bytes that can be read and written. */
export function isContent(kind: NodeKind): boolean {
  return kind === "text" || kind === "bytes" || kind === "notebook";
}

/** File type bits of a mode. */
export function typeBits(kind: NodeKind): number {
  switch (kind) {
    case "dir":
      return fileType.directory;
    case "symlink":
      return fileType.symlink;
    case "text":
    case "bytes":
    case "notebook":
      return fileType.regular;
    default:
      return kind satisfies never;
  }
}
