// Who may do what: one table, used by the room, the Worker and the page alike. Knows no tokens.

export const roles = ["owner", "editor", "runner", "viewer"] as const;
export type Role = (typeof roles)[number];

/**
 * - read: see the document, who is here, and what runs
 * - run: publish the output of one's own cells and terminals, type into terminals that are offered
 * - edit: change the document
 * - share: make links, see those that one could have made
 * - manage: change and revoke links, change what people may do, remove them
 */
export type Action = "read" | "run" | "edit" | "share" | "manage";

const allowed: Readonly<Record<Role, ReadonlySet<Action>>> = {
  owner: new Set(["read", "run", "edit", "share", "manage"]),
  editor: new Set(["read", "run", "edit", "share"]),
  runner: new Set(["read", "run"]),
  viewer: new Set(["read"]),
};

export function can(role: Role, action: Action): boolean {
  return allowed[role].has(action);
}

/** The roles that someone with `role` may hand on: never more than one's own. */
export function grantable(role: Role): readonly Role[] {
  return can(role, "share") ? roles.slice(roles.indexOf(role)) : [];
}

/** The one of the two that may do more. */
export function stronger(a: Role, b: Role): Role {
  return roles.indexOf(a) <= roles.indexOf(b) ? a : b;
}

export function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value);
}
