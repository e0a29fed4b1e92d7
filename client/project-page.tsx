// A project's page: opening, refused, or the workspace with all its real parts.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as Y from "yjs";
import { unsharedLimits } from "#machine/wasm/limits.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { rootId } from "#core/project/project.ts";
import { codeEditors, preloadEditor } from "#ui/editor/code-editor.ts";
import { Skeleton } from "#ui/kit/skeleton.tsx";
import { toast } from "#ui/kit/toasts.tsx";
import { Workspace } from "#ui/workspace/workspace.tsx";
import { openCopy } from "#sync/indexed-copy.ts";
import type { LocalCopy } from "#sync/local-copy.ts";
import { readAccount } from "./account.ts";
import type { Machine } from "#core/machine/machine.ts";
import type { Session } from "#sync/session.ts";
import { createApi } from "./api.ts";
import type { ConchApi } from "./api.ts";
import type { BrowserStore } from "./browser-store.ts";
import { keepApp } from "./keep-app.ts";
import { discardMachine } from "./prepared-machine.ts";
import { createPageMachine } from "./page-machine.ts";
import { openProject, showSafeAddress } from "./open-project.ts";
import type { OpenedProject, OpeningProblem } from "./open-project.ts";
import { problemWords, ProblemPage } from "./opening-problem.tsx";
import { convertNotebook } from "./jupyter-commands.ts";
import { ofCopy, ofSession, ofState, putAside, type LeftoverWork } from "./leftover-work.ts";
import { StartedOver } from "./started-over.tsx";
import { UnsavedNotice } from "./unsaved-notice.tsx";
import { ProjectParts } from "./project-parts.ts";

type State =
  | { readonly kind: "opening" }
  | {
      readonly kind: "problem";
      readonly problem: OpeningProblem;
      readonly leftovers: readonly LeftoverWork[];
    }
  | {
      readonly kind: "open";
      readonly project: OpenedProject;
      readonly parts: ProjectParts;
      readonly copy: LocalCopy | undefined;
      /** Of earlier visits. */
      readonly leftovers: readonly LeftoverWork[];
    };

export interface ProjectPageProps {
  readonly id: string;
  readonly store: BrowserStore;
  /** Called at once, and again whenever the workspace is put together anew. */
  readonly onApi: (api: ConchApi) => void;
}

export function ProjectPage({ id, store, onApi }: ProjectPageProps) {
  const state = useSignal<State>({ kind: "opening" });
  /** Counts how often the workspace was put together anew. */
  const turn = useSignal(0);
  const now = turn.value;
  /** Work that was refused while there was nowhere to put it aside. */
  const inMemory = useRef<readonly LeftoverWork[]>([]);

  useEffect(() => {
    let parts: ProjectParts | undefined;
    let gone = false;
    let letGo = (): void => undefined;
    let closeCopy = (): void => undefined;
    const open = async (): Promise<ProjectParts> => {
      const reading = localCopy(id);
      const kept = reading.then((found) => found?.filled === true);
      const opening = await openProject(id, location.hash.slice(1), store, kept);
      const copy = await reading;
      if (!opening.ok) {
        discardMachine();
        const { problem } = opening;
        // Open as long as the page offers what is in it.
        closeCopy = () => void copy?.close();
        if (gone) closeCopy();
        state.value = { kind: "problem", problem, leftovers: await leftoversOf(copy, problem) };
        throw new Error(problemWords(problem).title);
      }
      const { project } = opening;
      void showSafeAddress(project);
      const onOutdated = (reason: string): void => {
        if (gone) return;
        gone = true;
        toast({ message: reason });
        state.value = { kind: "opening" };
        void putWorkAside(parts?.session, copy, inMemory).then(() => (turn.value += 1));
      };
      parts = new ProjectParts({ project, store, copy, createMachine: pageMachine, onOutdated });
      if (gone) parts.dispose();
      else {
        const { blobs } = parts.session;
        const leftovers = copy === undefined ? [] : await putAside(copy, blobs);
        if (gone) return parts;
        state.value = { kind: "open", project, parts, copy, leftovers: [...leftovers, ...inMemory.current] };
        if (!parts.canRun) discardMachine();
        letGo = keepApp({ guest: parts.canRun && store.offlineChoice !== "nothing" });
      }
      return parts;
    };
    onApi(createApi(open().then((opened) => opened.apiParts())));
    // Another link of the same project in the address bar: begin again with it.
    const onHash = (): void => location.reload();
    addEventListener("hashchange", onHash);
    return () => {
      gone = true;
      removeEventListener("hashchange", onHash);
      letGo();
      closeCopy();
      parts?.dispose();
    };
  }, [id, store, state, onApi, turn, now]);

  switch (state.value.kind) {
    case "opening":
      return <OpeningSkeleton />;
    case "problem":
      return <ProblemPage problem={state.value.problem} leftovers={state.value.leftovers} />;
    case "open":
      return <OpenWorkspace {...state.value} store={store} />;
    default:
      return state.value satisfies never;
  }
}

/** What it writes outside the project stays with this browser, or somebody says why not. */
function pageMachine(session: Session, project: string): Machine {
  return createPageMachine(session, project, (message) => void toast({ message, problem: true }));
}

/** What this browser keeps of the project. Where it keeps nothing, that is said once, and costs nothing else. */
async function localCopy(id: string): Promise<LocalCopy | undefined> {
  const complain = (reason: string): void =>
    void toast({
      message: `${reason} Without the server, keep this tab open: what you do is kept nowhere else.`,
      problem: true,
    });
  try {
    const copy = await openCopy(id);
    copy.onKeeping((keeping) => {
      if (!keeping.kept) complain(`This project can no longer be kept in this browser. ${keeping.reason}`);
    });
    return copy;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Where the server no longer lets one in, what it does not have is offered as a file. */
async function leftoversOf(
  copy: LocalCopy | undefined,
  problem: OpeningProblem,
): Promise<readonly LeftoverWork[]> {
  if (copy === undefined || problem.kind === "unreachable") return [];
  const unsent = ofCopy(copy);
  return [...(unsent === undefined ? [] : [unsent]), ...(await putAside(copy, undefined))];
}

/** What the server has not taken was meant for another role: it is put aside, never merged. */
async function putWorkAside(
  session: Session | undefined,
  copy: LocalCopy | undefined,
  inMemory: { current: readonly LeftoverWork[] },
): Promise<void> {
  if (session === undefined || session.unsaved === 0) return;
  const files = session.unsavedFiles;
  if (copy?.keeping.kept === true) {
    await copy.setAside(files).catch(() => undefined);
    return;
  }
  const discard = (): Promise<void> => {
    inMemory.current = inMemory.current.filter((each) => each !== work);
    return Promise.resolve();
  };
  const state = Y.encodeStateAsUpdate(session.doc);
  const work = ofState(state, files, { at: systemClock.now(), blobs: session.blobs, kept: false, discard });
  if (work !== undefined) inMemory.current = [...inMemory.current, work];
}

function OpenWorkspace(props: {
  readonly project: OpenedProject;
  readonly parts: ProjectParts;
  readonly copy: LocalCopy | undefined;
  readonly leftovers: readonly LeftoverWork[];
  readonly store: BrowserStore;
}) {
  const { project, parts, copy, leftovers, store } = props;
  const { session, live, shell, files } = parts;

  useEffect(() => preloadEditor(), []);
  useEffect(() => void readAccount(), []);
  useEffect(() => {
    if (!globalThis.crossOriginIsolated) toast({ message: unsharedLimits, problem: true });
  }, []);
  const name = live.name.value;
  const active = shell.active.value;
  const inFront = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const tell = (): void => {
      inFront.value = active === undefined ? undefined : session.project.entry(active)?.name;
    };
    tell();
    // It may be renamed, or deleted.
    return session.project.changes.on(({ directories }) => {
      if (directories.size > 0) tell();
    });
  }, [active, inFront, session]);
  const file = inFront.value;
  useEffect(() => {
    document.title = [...(file === undefined ? [] : [file]), name, "Conch"].join(" · ");
  }, [file, name]);
  useEffect(() => {
    const known = store.project(project.id);
    if (known !== undefined && known.name !== name) store.remember({ ...known, name });
  }, [name, project.id, store]);

  const discarded = useSignal<ReadonlySet<LeftoverWork>>(new Set());

  const connection = live.connection.value;
  if (connection.kind === "refused" && connection.startedOver === true)
    return <StartedOver kept={live.kept.value} onDownload={() => void files.transfers.download(rootId)} />;
  // Read here, so that this is drawn anew when it changes.
  const unsaved = live.unsaved.value > 0 || session.unsaved > 0;
  const unsent = connection.kind === "refused" && unsaved ? ofSession(session, copy) : undefined;
  if (connection.kind === "refused" && !live.ready.value)
    return (
      <ProblemPage
        problem={{ kind: "refused", reason: connection.reason }}
        leftovers={[...(unsent === undefined ? [] : [unsent]), ...leftovers]}
      />
    );
  const notices = (
    <>
      {connection.kind === "refused" ? (
        <UnsavedNotice
          reason={connection.reason}
          work={unsent}
          onDiscarded={() => (discarded.value = new Set(discarded.value))}
        />
      ) : null}
      {leftovers
        .filter((work) => !discarded.value.has(work))
        .map((work) => (
          <UnsavedNotice
            key={work.at}
            work={work}
            onDiscarded={() => (discarded.value = new Set([...discarded.value, work]))}
          />
        ))}
    </>
  );

  return (
    <Workspace
      live={live}
      model={shell}
      editors={codeEditors}
      notices={notices}
      onDownload={(file) => void files.transfers.download(file)}
      onImport={(file) => {
        const entry = parts.session.project.entry(file);
        if (entry !== undefined) void convertNotebook(parts, entry);
      }}
    />
  );
}

/** The workspace's shape while it opens: nothing jumps when it has. */
function OpeningSkeleton() {
  return (
    <div class="workspace" aria-busy="true">
      <header class="bar" />
      <div class="workspace-body">
        <div class="sidebar" style={{ width: "240px", borderRight: "1px solid var(--line)" }}>
          <Skeleton lines={5} label="Loading files" />
        </div>
        <div class="page-skeleton" style={{ flex: 1 }}>
          <Skeleton lines={9} label="Opening the project" />
        </div>
      </div>
    </div>
  );
}
