// Where in this browser a project is kept, and the end of it: all that the first page needs to know.

import { deleteDatabase } from "./database.ts";

export function copyName(project: string): string {
  return `conch.project.${project}`;
}

/** What this browser's machine of the project has written outside the project. */
export function machineName(project: string): string {
  return `conch.machine.${project}`;
}

/** The machine starts as if it had never run. It must be off. */
export function forgetMachine(project: string): Promise<void> {
  return deleteDatabase(machineName(project));
}

/** Of what is kept of a project in this browser, nothing is left. */
export async function forgetCopy(project: string): Promise<void> {
  await Promise.all([deleteDatabase(copyName(project)), forgetMachine(project)]);
}
