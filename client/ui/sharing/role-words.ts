// Roles in the user's words.

import type { Role } from "#core/auth/role.ts";

export const roleWords: Readonly<Record<Role, { readonly label: string; readonly text: string }>> = {
  owner: { label: "Owner", text: "Everything, also who may do what." },
  editor: { label: "Can edit", text: "Change files, run things on their own machine, share." },
  runner: { label: "Can run", text: "Run cells and programs on their own machine, change nothing." },
  viewer: { label: "Can read", text: "See files, people, runs and terminals." },
};
