// Puts the parts of an open project together: session, machine, models of the interface. Composition only; draws nothing.

import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import * as Y from "yjs";
import { can, type Role } from "#core/auth/role.ts";
import { DisposerStack } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import { stampEdits } from "#core/project/stamp-edits.ts";
import type { Entry, NodeId } from "#core/project/project.ts";
import { shownState } from "#core/notebook/output/run-record.ts";
import type { Machine } from "#machine/machine.ts";
import type { LocalCopy } from "#sync/local-copy.ts";
import { HttpBlobStore } from "#sync/blobs.ts";
import { forgetMachine } from "#sync/copy-name.ts";
import { Session } from "#sync/session.ts";
import { FilesModel } from "#ui/files/files-model.ts";
import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import type { SharedSelection } from "#ui/kit/code-editor.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { NotebookRuns } from "#ui/notebook/notebook-runs.ts";
import { Following } from "#ui/people/following.ts";
import type { Sight } from "#ui/people/following.ts";
import { members } from "#ui/people/members.ts";
import type { Member } from "#ui/people/members.ts";
import type { SharedTerminal } from "#ui/terminal/relay.ts";
import { WorkerEngine } from "#ui/search/search-engine.ts";
import { SearchModel } from "#ui/search/search-model.ts";
import { Terminals } from "#ui/terminal/terminals.ts";
import { keepFiles } from "#ui/workspace/layout.ts";
import { LiveSession } from "#ui/workspace/live-session.ts";
import { SharingModel } from "#ui/workspace/sharing-model.ts";
import { WorkspaceModel } from "#ui/workspace/workspace-model.ts";
import type { ApiParts } from "./api.ts";
import { showTransfers } from "./blob-lines.ts";
import type { BrowserStore } from "./browser-store.ts";
import { askSharing } from "./http.ts";
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

export interface WorkspacePartsOptions {
  readonly project: OpenedProject;
  readonly store: BrowserStore;
  /** What this browser keeps of the project; undefined where it keeps nothing. */
  readonly copy: LocalCopy | undefined;
  /** Makes this page's machine; undefined where it has none. */
  readonly createMachine: (session: Session, project: string) => Machine | undefined;
  /** What was put together does not fit any more: one may do something else now, or something was refused. */
  readonly onOutdated: (reason: string) => void;
}

export class WorkspaceParts {
  readonly session: Session;
  readonly machine: Machine | undefined;
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
  readonly files: FilesModel;
  readonly search: SearchModel;
  readonly terminals: Terminals;
  readonly runs: NotebookRuns;
  readonly sharing: SharingModel;
  readonly offline: OfflineKeeper;
  readonly members: ReadonlySignal<readonly Member[]>;
  readonly following: Following;
  /** Colleagues by file, and by cell. */
  readonly inFile: ReadonlySignal<ReadonlyMap<NodeId, readonly AvatarPerson[]>>;
  readonly inCell: ReadonlySignal<ReadonlyMap<string, readonly AvatarPerson[]>>;
  readonly sharedTerminals: ReadonlySignal<readonly SharedTerminal[]>;
  readonly #store: BrowserStore;
  readonly #project: OpenedProject;
  readonly #copy: LocalCopy | undefined;
  readonly #disposers = new DisposerStack();
  readonly #cell = signal<{ readonly file: NodeId; readonly cell: string } | undefined>(undefined);
  readonly #terminal = signal<string | undefined>(undefined);

  constructor({ project, store, copy, createMachine, onOutdated }: WorkspacePartsOptions) {
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
    this.machine = can(role, "run") ? createMachine(this.session, project.id) : undefined;
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
    this.model = new WorkspaceModel({ storage: store, storageKey: `conch.layout.${project.id}` });
    this.#disposers.add(() => this.model.dispose());
    this.files = new FilesModel({
      project: this.session.project,
      blobs: this.session.blobs,
      writable: () => this.live.writable,
      person: () => this.session.person.name,
      projectName: () => this.live.name.value,
      open: (entry, focus) => this.model.open(entry.id, focus),
      fromJupyter: (entry) => void convertNotebook(this, entry),
      toJupyter: (entry) => void exportNotebook(this, entry),
      close: () => this.#closeGone(),
    });
    this.#disposers.add(() => this.files.dispose());
    const engine = new WorkerEngine();
    this.#disposers.add(() => engine.dispose());
    this.search = new SearchModel(this.session.project, engine);
    this.#disposers.add(() => this.search.dispose());

    this.terminals = new Terminals({
      machine: this.machine ?? noMachine,
      relay: this.session.channels,
      newId: () => crypto.randomUUID(),
    });
    this.#disposers.add(() => this.terminals.dispose());
    this.runs = new NotebookRuns({
      machine: this.machine ?? noMachine,
      channels: this.session.channels,
      blobs: this.session.blobs,
      person: () => this.session.person,
      client: () => this.session.awareness.clientID,
    });

    this.members = computed(() => members(this.live.participants.value));
    this.following = new Following({
      members: this.members,
      sightOf: (member) => this.#sightOf(member),
      show: (sight) => this.#showSight(sight),
      hands: window,
    });
    this.#disposers.add(() => this.following.dispose());
    this.inFile = this.#visitors((where) => (where.terminal === undefined ? where.file : undefined));
    this.inCell = this.#visitors((where) => where.cell);
    this.sharedTerminals = computed(() =>
      this.live.participants.value
        .filter((participant) => !participant.self)
        .flatMap(({ person, state }) =>
          (state.terminals ?? []).map(({ channel, title }) => ({ channel, title, owner: person })),
        ),
    );

    this.#tellOthers();
    this.sharing = new SharingModel(async (request) =>
      askSharing(project.id, await this.session.accessToken(), request),
    );
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

  openSearch(): void {
    this.model.sidebarView.value = "search";
    this.model.show("sidebar", true);
    this.search.focusRequest.value = {};
  }

  closeSearch(): void {
    this.search.stop();
    this.model.sidebarView.value = "files";
  }

  /** This person is in that cell. */
  enterCell(file: NodeId, cell: string): void {
    this.#cell.value = { file, cell };
    this.#terminal.value = undefined;
  }

  /** This person is in that terminal; undefined where they have left it. */
  enterTerminal(channel: string | undefined): void {
    this.#terminal.value = channel;
  }

  rename(name: string, color: string): void {
    const identity = { ...identityOf(this.#store), name, color };
    this.#store.setIdentity(identity);
    this.session.setIdentity(identity);
  }

  fileName(id: NodeId): string | undefined {
    return this.session.project.entry(id)?.name;
  }

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

  /** Where a colleague is: in a text file, down to the line of their caret. */
  #sightOf({ where, state }: Member): Sight {
    const { selection } = state as { readonly selection?: Partial<SharedSelection> | null };
    const text =
      where.file === undefined || selection?.node !== where.file || selection.head === undefined
        ? undefined
        : this.session.project.text(where.file);
    if (text === undefined) return where;
    const index = this.#caret(selection?.head, text);
    if (index === undefined) return where;
    return { ...where, line: text.toJSON().slice(0, index).split("\n").length };
  }

  #caret(head: unknown, text: Y.Text): number | undefined {
    try {
      const position = Y.createAbsolutePositionFromRelativePosition(
        Y.createRelativePositionFromJSON(head),
        this.session.doc,
      );
      return position?.type === text ? position.index : undefined;
    } catch {
      return undefined; // a colleague's program may tell anything
    }
  }

  #showSight({ file, cell, line, terminal }: Sight): void {
    if (terminal !== undefined) this.model.show("bottom", true);
    if (file === undefined || this.session.project.entry(file) === undefined) return;
    if (line === undefined && cell === undefined) this.model.open(file, false);
    else
      this.model.openAt({
        file,
        keepFocus: true,
        ...(line === undefined ? {} : { line }),
        ...(cell === undefined ? {} : { cell }),
      });
  }

  #visitors(
    key: (where: Member["where"]) => string | undefined,
  ): ReadonlySignal<ReadonlyMap<string, readonly AvatarPerson[]>> {
    return computed(() => {
      const found = new Map<string, AvatarPerson[]>();
      for (const member of this.members.value) {
        const id = member.self ? undefined : key(member.where);
        if (id === undefined) continue;
        const list = found.get(id);
        if (list === undefined) found.set(id, [member.person]);
        else list.push(member.person);
      }
      return found;
    });
  }

  #tellOthers(): void {
    this.#disposers.add(
      effect(() => {
        const file = this.model.active.value;
        const cell = this.#cell.value;
        const terminal = this.#terminal.value;
        const where = {
          ...(file === undefined ? {} : { file }),
          ...(cell !== undefined && cell.file === file ? { cell: cell.cell } : {}),
          ...(terminal === undefined ? {} : { terminal }),
        };
        this.session.setState("where", where);
      }),
    );
    this.#disposers.add(
      effect(() => {
        const own = this.terminals.own.value.map(({ channel, title, size }) => ({
          channel,
          title,
          ...size.value,
        }));
        this.session.setState("terminals", own);
      }),
    );
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
    this.model.update((layout) => keepFiles(layout, (file) => project.entry(file) !== undefined));
  }

  #openFirstFile(): void {
    const { project } = this.session;
    if (!this.model.fresh) {
      this.#closeGone();
      return;
    }
    const files: readonly Entry[] = project.children(rootId);
    const first =
      firstFiles
        .map((name) => files.find((entry) => entry.name === name))
        .find((entry) => entry !== undefined) ?? files.find((entry) => entry.kind === "notebook");
    if (first !== undefined) this.model.open(first.id, false);
  }
}
