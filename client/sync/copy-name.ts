// Where the local copy of a project is, and its end: all that the first page needs of it.

import { deleteDatabase } from "./database.ts";

export function copyName(project: string): string {
  return `conch.project.${project}`;
}

/** Of what is kept of a project in this browser, nothing is left. */
export function forgetCopy(project: string): Promise<void> {
  return deleteDatabase(copyName(project));
}
