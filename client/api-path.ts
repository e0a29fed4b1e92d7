// Paths as scripts give them to the page: as in the guest, where the project is /project and the place to start from.

import { FsError } from "#core/base/errno.ts";
import { splitPath } from "#core/base/path.ts";

const projectName = "project";

/** An absolute path in the guest; a relative one starts at /project. */
export function guestPath(path: string): string {
  return `/${namesOf(path).join("/")}`;
}

/** A path within the project, "" for itself. EINVAL where it leads elsewhere: the page has no other files. */
export function projectPath(path: string): string {
  const [top, ...names] = namesOf(path);
  if (top === projectName) return names.join("/");
  throw new FsError(
    "EINVAL",
    `${JSON.stringify(path)} is outside of the project: give a path in it, such as "notes.md" or "/project/notes.md"`,
  );
}

function namesOf(path: string): string[] {
  return splitPath(path.startsWith("/") ? path : `${projectName}/${path}`);
}
