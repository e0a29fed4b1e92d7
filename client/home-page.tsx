// The first page with its real parts: the server that makes projects, the projects that this browser and account know.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { forgetCopy } from "#sync/copy-name.ts";
import { Home } from "#ui/home/home.tsx";
import { account, forgetInAccount, readAccount, signIn, signOut } from "./account.ts";
import type { BrowserStore } from "./browser-store.ts";
import { createProject } from "./http.ts";

export function HomePage({ store }: { readonly store: BrowserStore }) {
  const recent = useSignal(store.projects());
  useEffect(() => void readAccount(), []);
  const { signIn: canSignIn, account: signedIn } = account.value;
  const here = new Set(recent.value.map(({ id }) => id));
  const elsewhere = (signedIn?.projects ?? []).filter(({ id }) => !here.has(id));
  return (
    <Home
      recent={[...recent.value, ...elsewhere].toSorted((a, b) => b.openedAt - a.openedAt)}
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
        recent.value = store.projects();
      }}
    />
  );
}
