// Who is signed in on this server, where people can sign in at all. Asked once, when the page opens.

import { signal } from "@preact/signals";
import { LogIn, LogOut } from "lucide-preact";
import * as v from "valibot";
import { roles } from "#core/auth/role.ts";
import type { Feature } from "#ui/kit/feature.ts";

const project = v.object({
  id: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  openedAt: v.number(),
});
const me = v.object({
  /** People can sign in here. */
  signIn: v.boolean(),
  account: v.exactOptional(v.object({ name: v.string(), email: v.exactOptional(v.string()) })),
});
const listed = v.object({ projects: v.array(project) });

type Me = v.InferOutput<typeof me>;
type AccountProject = v.InferOutput<typeof project>;

/** Nobody, and nowhere to sign in, until the server has said something else. */
export const account = signal<Me>({ signIn: false });

/** What the account may enter, as it is called now; empty until the server was asked. */
export const accountProjects = signal<readonly AccountProject[]>([]);

/** A page of another site cannot send it: only so a sign-in counts. */
const headers = { Conch: "1" };

export async function readAccount(): Promise<void> {
  try {
    const response = await fetch("/api/me", { headers });
    const parsed = v.safeParse(me, await response.json());
    if (parsed.success) account.value = parsed.output;
  } catch {
    // Offline: nothing of it is shown.
  }
}

/** Asks the server; for the page that shows them. */
export async function readAccountProjects(): Promise<void> {
  try {
    const response = await fetch("/api/me/projects", { headers });
    const parsed = v.safeParse(listed, await response.json());
    if (parsed.success) accountProjects.value = parsed.output.projects;
  } catch {
    // Offline: those that this browser knows are shown.
  }
}

/** Comes back to this page. */
export function signIn(): void {
  location.assign(`/auth/sign-in?to=${encodeURIComponent(location.pathname)}`);
}

export async function signOut(): Promise<void> {
  await fetch("/auth/sign-out", { method: "POST", headers }).catch(() => undefined);
  location.reload();
}

export async function forgetInAccount(id: string): Promise<void> {
  if (!accountProjects.value.some((each) => each.id === id)) return;
  accountProjects.value = accountProjects.value.filter((each) => each.id !== id);
  await fetch(`/api/me/projects/${encodeURIComponent(id)}`, { method: "DELETE", headers }).catch(
    () => undefined,
  );
}

/** Signing in or out, where people can. */
export function accountFeature(): Feature {
  return {
    menu: () => {
      const { signIn: canSignIn, account: signedIn } = account.value;
      if (!canSignIn) return [];
      return [
        signedIn === undefined
          ? { label: "Sign in", icon: LogIn, run: signIn }
          : { label: `Sign out (${signedIn.name})`, icon: LogOut, run: () => void signOut() },
      ];
    },
  };
}
