// The page: which of its two faces to show, and what it needs of a browser. Everything else is behind these.

import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "#ui/kit/button.tsx";
import { Layers } from "#ui/kit/layers.tsx";
import { MessagePage } from "#ui/kit/message-page.tsx";
import "#ui/kit/base.css";
import "#ui/kit/theme.ts";
import type { ConchApi } from "./api.ts";
import { BrowserStore } from "./browser-store.ts";
import { HomePage } from "./home-page.tsx";
import { lateApi } from "./late-api.ts";
import { prepareMachine } from "./prepared-machine.ts";
import type * as ProjectPageModule from "./project-page.tsx";

const store = new BrowserStore(() => localStorage);
const projectId = /^\/p\/([^/]+)\/?$/.exec(location.pathname)?.[1];

function App() {
  if (typeof WebAssembly === "undefined" || typeof Worker === "undefined")
    return (
      <MessagePage title="This browser cannot run Conch.">
        <p>
          Conch runs Linux inside the tab, and for that needs WebAssembly and workers. They may be switched
          off here.
        </p>
        <p>
          Open the same link in a current Chrome, Edge, Firefox or Safari. Nothing in the project is lost.
        </p>
      </MessagePage>
    );
  if (projectId !== undefined) return <LazyProjectPage id={decodeURIComponent(projectId)} />;
  if (location.pathname === "/") return <HomePage store={store} />;
  return (
    <MessagePage title="There is nothing at this address." actions={<a href="/">Go to the first page</a>}>
      <p>A project's address looks like /p/… and then a long key.</p>
    </MessagePage>
  );
}

/** Settled by the project's page once it has been loaded. */
let resolveApi = (_api: ConchApi): void => undefined;
let rejectApi = (_reason: Error): void => undefined;
const api = new Promise<ConchApi>((resolve, reject) => {
  resolveApi = resolve;
  rejectApi = reject;
});
api.catch(() => undefined); // whoever calls globalThis.conch gets the reason
let promised = false;

/** The first settles what was promised; one that follows takes its place. */
function takeApi(loaded: ConchApi): void {
  if (promised) globalThis.conch = loaded;
  promised = true;
  resolveApi(loaded);
}

/** The first page stays small: editors, terminals and the machine come with a project. */
function LazyProjectPage({ id }: { readonly id: string }) {
  const module = useSignal<typeof ProjectPageModule | "failed" | undefined>(undefined);
  useEffect(() => {
    import("./project-page.tsx").then(
      (loaded) => (module.value = loaded),
      () => {
        rejectApi(new Error("Conch could not be loaded."));
        module.value = "failed";
      },
    );
  }, [module]);
  if (module.value === "failed")
    return (
      <MessagePage
        title="Conch could not be loaded."
        actions={
          <Button kind="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>A part of the page did not arrive. What is in the project is safe on the server.</p>
      </MessagePage>
    );
  if (module.value === undefined) return null;
  const { ProjectPage } = module.value;
  return <ProjectPage id={id} store={store} onApi={takeApi} />;
}

if (projectId !== undefined) {
  globalThis.conch = lateApi(api);
  // Who has been here before most probably has Linux in the cache, and gets it ready while the page opens.
  if (typeof Worker !== "undefined" && navigator.serviceWorker?.controller) prepareMachine();
}

const root = document.getElementById("app");
if (root === null) throw new Error("invariant violation: index.html has no #app");
render(
  <>
    <App />
    <Layers />
  </>,
  root,
);
