// The first page with its real parts: the server that makes projects, the projects that this browser and account know.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { forgetCopy } from "#sync/copy-name.ts";
import { Home } from "#ui/home/home.tsx";
import {
  account,
  accountProjects,
  forgetInAccount,
  readAccount,
  readAccountProjects,
  signIn,
  signOut,
} from "./account.ts";
import type { BrowserStore } from "./browser-store.ts";
import { createProject } from "./http.ts";
import { readNames } from "./project-names.ts";

export function HomePage({ store }: { readonly store: BrowserStore }) {
  const recent = useSignal(store.projects());
  const show = (): void => void (recent.value = store.projects());
  useEffect(() => {
    void readAccount().then(() => account.value.account && readAccountProjects());
    void readNames(store).then(show);
  }, []);
  const { signIn: canSignIn, account: signedIn } = account.value;
  const here = new Set(recent.value.map(({ id }) => id));
  const elsewhere = accountProjects.value.filter(({ id }) => !here.has(id));
  const names = new Map(accountProjects.value.map(({ id, name }) => [id, name]));
  const known = recent.value.map((project) => ({ ...project, name: names.get(project.id) ?? project.name }));
  return (
    <Home
      recent={[...known, ...elsewhere].toSorted((a, b) => b.openedAt - a.openedAt)}
      account={!canSignIn ? undefined : { name: signedIn?.name, signIn, signOut: () => void signOut() }}
      signInFailed={new URLSearchParams(location.search).get("sign-in") === "failed"}
      onCreate={async (example) => {
        const { url } = await createProject(example === undefined ? {} : { example });
        location.assign(url);
      }}
      onForget={(id) => {
        store.forget(id);
        void forgetCopy(id);
        void forgetInAccount(id);
        show();
      }}
    />
  );
}
