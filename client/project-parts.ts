// Puts the parts of an open project together: session, machine, workspace, features. Composition only; draws nothing.

import { effect } from "@preact/signals";
import { can, type Role } from "#core/auth/role.ts";
import { type Disposer, DisposerStack } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import { stampEdits } from "#core/project/stamp-edits.ts";
import type { Entry } from "#core/project/project.ts";
import { shownState } from "#core/notebook/output/run-record.ts";
import type { Machine } from "#core/machine/machine.ts";
import type { LocalCopy } from "#sync/local-copy.ts";
import { HttpBlobStore } from "#sync/blobs.ts";
import { forgetMachine } from "#sync/copy-name.ts";
import { Session } from "#sync/session.ts";
import { FilesModel } from "#ui/files/files-model.ts";
import type { Presence } from "#ui/kit/feature.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { NotebookRuns } from "#ui/notebook/notebook-runs.ts";
import { keepFiles } from "#ui/workspace/layout.ts";
import { LiveSession } from "#ui/workspace/live-session.ts";
import { workspaceCommands } from "#ui/workspace/workspace-commands.ts";
import { WorkspaceModel } from "#ui/workspace/workspace-model.ts";
import type { ApiParts } from "./api.ts";
import { showTransfers } from "./blob-lines.ts";
import type { BrowserStore } from "./browser-store.ts";
import { type FeatureParts, featuresOf } from "./features.ts";
import { OfflineKeeper } from "./offline-keeper.ts";
import { convertNotebook, exportNotebook } from "./jupyter-commands.ts";
import type { OpenedProject } from "./open-project.ts";
import { identityOf } from "./own-identity.ts";

/** What a new visitor sees first, in this order of preference. */
const firstFiles = ["welcome.nb.md", "README.md"];

const onlyReading = "This page has no machine: with this link you may only read.";

const mayWords: Readonly<Record<Role, string>> = {
  owner: "are an owner of",
  editor: "may edit",
  runner: "may run things in, but not change,",
  viewer: "may only read",
};

/** Where one may only watch. */
const noMachine: Pick<Machine, "spawn" | "runCell" | "restartSession"> = {
  spawn: () => Promise.reject(new Error(onlyReading)),
  runCell: () => Promise.reject(new Error(onlyReading)),
  restartSession: () => Promise.reject(new Error(onlyReading)),
};

export interface ProjectPartsOptions {
  readonly project: OpenedProject;
  readonly store: BrowserStore;
  /** What this browser keeps of the project; undefined where it keeps nothing. */
  readonly copy: LocalCopy | undefined;
  /** Makes this page's machine; undefined where it has none. */
  readonly createMachine: (session: Session, project: string) => Machine | undefined;
  /** What was put together does not fit any more: one may do something else now, or something was refused. */
  readonly onOutdated: (reason: string) => void;
}

export class ProjectParts implements FeatureParts {
  readonly session: Session;
  readonly machine: Machine | undefined;
  readonly live: LiveSession;
  readonly shell: WorkspaceModel;
  readonly files: FilesModel;
  readonly runs: NotebookRuns;
  readonly offline: OfflineKeeper;
  readonly projectId: string;
  /** Runs things: this page's machine, or what says why there is none. */
  readonly runner: Pick<Machine, "spawn" | "runCell" | "restartSession">;
  readonly #store: BrowserStore;
  readonly #project: OpenedProject;
  readonly #copy: LocalCopy | undefined;
  readonly #disposers = new DisposerStack();

  constructor({ project, store, copy, createMachine, onOutdated }: ProjectPartsOptions) {
    this.#store = store;
    this.#project = project;
    this.#copy = copy;
    const { role } = project;
    this.session = new Session({
      server: location.origin,
      projectId: project.id,
      token: project.token,
      role,
      ...(project.access === undefined ? {} : { access: project.access }),
      person: identityOf(store),
      ...(copy === undefined ? {} : { copy }),
    });
    this.#disposers.add(() => this.session.destroy());
    if (can(role, "edit")) this.#disposers.add(stampEdits(this.session.project));
    this.projectId = project.id;
    this.machine = can(role, "run") ? createMachine(this.session, project.id) : undefined;
    this.runner = this.machine ?? noMachine;
    this.#disposers.add(() => void this.machine?.stop().catch(() => undefined));
    this.live = new LiveSession({
      session: this.session,
      machine: this.machine,
      role,
      name: project.name,
      copy,
      forgetMachine: () => forgetMachine(project.id),
    });
    this.#disposers.add(() => this.live.dispose());
    this.offline = new OfflineKeeper({ live: this.live, copy, store, linux: can(role, "run") });
    this.#disposers.add(() => this.offline.dispose());
    this.shell = new WorkspaceModel({
      storage: store,
      storageKey: `conch.layout.${project.id}`,
      ownCommands: (model) => {
        void this.live.ready.value; // what kind the file in front is, is known then
        return workspaceCommands(model, this.session.project);
      },
    });
    this.#disposers.add(() => this.shell.dispose());
    this.files = new FilesModel({
      project: this.session.project,
      blobs: this.session.blobs,
      writable: () => this.live.writable,
      person: () => this.session.person.name,
      projectName: () => this.live.name.value,
      open: (entry, focus) => this.shell.open(entry.id, focus),
      fromJupyter: (entry) => void convertNotebook(this, entry),
      toJupyter: (entry) => void exportNotebook(this, entry),
      close: () => this.#closeGone(),
    });
    this.runs = new NotebookRuns({
      machine: this.runner,
      channels: this.session.channels,
      blobs: this.session.blobs,
      person: () => this.session.person,
      client: () => this.session.awareness.clientID,
    });

    const features = featuresOf(this);
    for (const { dispose } of features) if (dispose !== undefined) this.#disposers.add(dispose);
    this.shell.features.value = features;
    this.#disposers.add(tellPresence(this.session, this.shell));
    this.#disposers.add(
      this.session.onRole((now) => {
        const same = can(now, "edit") === can(role, "edit") && can(now, "run") === can(role, "run");
        if (!same) onOutdated(`You ${mayWords[now]} this project now.`);
      }),
    );
    this.#disposers.add(
      this.session.onRefused((reason, what) => {
        if (what === "edit") onOutdated(`${reason} It was taken back.`);
        else toast({ message: reason, problem: true });
      }),
    );
    const { blobs, project: files } = this.session;
    if (blobs instanceof HttpBlobStore) this.#disposers.add(showTransfers(files, blobs));
    this.#askBeforeLeaving();
    this.session.synced.then(
      () => this.#openFirstFile(),
      () => undefined, // the page shows the refusal
    );
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  get canRun(): boolean {
    return this.machine !== undefined && can(this.live.role.value, "run");
  }

  /** Sets one's own name and colour, here and for other projects. */
  readonly rename = (name: string, color: string): void => {
    const identity = { ...identityOf(this.#store), name, color };
    this.#store.setIdentity(identity);
    this.session.setIdentity(identity);
  };

  /** What globalThis.conch works with; resolves when the project has been read. */
  async apiParts(): Promise<ApiParts> {
    await this.session.synced;
    const { project, blobs, awareness } = this.session;
    return {
      project,
      blobs,
      machine: this.machine,
      person: () => this.session.person.name,
      writable: () => this.live.writable,
      runCell: (notebook, cell) => this.runs.run(notebook, cell),
      runAll: (notebook) => this.runs.runAll(notebook),
      stateOf: (cell) =>
        cell.run === undefined ? "idle" : shownState(cell.run, (client) => awareness.getStates().has(client)),
      roomState: () => ({
        connection: this.session.connection.kind,
        unsaved: this.session.unsaved,
        project: { id: this.#project.id, name: this.live.name.value },
        role: this.live.role.value,
        machine: this.machine?.state.kind ?? "off",
      }),
      participants: () =>
        this.session.participants().map(({ person, self, state }) => {
          const file = state.where?.file;
          return {
            name: person.name,
            color: person.color,
            self,
            ...(file === undefined ? {} : { file: project.path(file) }),
            ...(state.machine === undefined ? {} : { machine: state.machine }),
          };
        }),
    };
  }

  #askBeforeLeaving(): void {
    const onLeave = (event: BeforeUnloadEvent): void => {
      // What this browser keeps is sent when the project is next opened here.
      if (this.session.unsaved > 0 && this.#copy?.settled !== true) event.preventDefault();
    };
    addEventListener("beforeunload", onLeave);
    this.#disposers.add(() => removeEventListener("beforeunload", onLeave));
  }

  /** Closes the tabs of files that are no longer there. */
  #closeGone(): void {
    const { project } = this.session;
    this.shell.update((layout) => keepFiles(layout, (file) => project.entry(file) !== undefined));
  }

  #openFirstFile(): void {
    const { project } = this.session;
    if (!this.shell.fresh) {
      this.#closeGone();
      return;
    }
    const files: readonly Entry[] = project.children(rootId);
    const first =
      firstFiles
        .map((name) => files.find((entry) => entry.name === name))
        .find((entry) => entry !== undefined) ?? files.find((entry) => entry.kind === "notebook");
    if (first !== undefined) this.shell.open(first.id, false);
  }
}

/** Tells the others what the features know of this person. */
function tellPresence(session: Session, shell: WorkspaceModel): Disposer {
  const told = new Map<string, string>();
  return effect(() => {
    const file = shell.active.value;
    const parts = shell.features.value.map(({ presence }) => presence?.value ?? {});
    const where = Object.assign(
      {},
      file === undefined ? {} : { file },
      ...parts.map((each) => each.where),
    ) as NonNullable<Presence["where"]>;
    const presence: Presence = { ...Object.assign({}, ...parts), where };
    for (const field of ["where", "machine", "terminals"] as const) {
      const value = presence[field];
      const json = JSON.stringify(value);
      if (value === undefined || told.get(field) === json) continue;
      told.set(field, json);
      session.setState(field, value);
    }
  });
}
