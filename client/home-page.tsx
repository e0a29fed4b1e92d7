// The first page with its real parts: the server that makes projects, the projects this browser knows.

import { useSignal } from "@preact/signals";
import { forgetCopy } from "#sync/copy-name.ts";
import { Home } from "#ui/home/home.tsx";
import type { BrowserStore } from "./browser-store.ts";
import { createProject } from "./http.ts";

export function HomePage({ store }: { readonly store: BrowserStore }) {
  const recent = useSignal(store.projects());
  return (
    <Home
      recent={recent.value}
      onCreate={async (example) => {
        const { url } = await createProject(example === undefined ? {} : { example });
        location.assign(url);
      }}
      onForget={(id) => {
        store.forget(id);
        void forgetCopy(id);
        recent.value = store.projects();
      }}
    />
  );
}
