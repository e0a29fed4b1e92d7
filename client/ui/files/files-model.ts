// The state of the file tree and everything one can do in it. Knows no rendering.

import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { rootId } from "#core/project/project.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { fileRows, freeName, neighbour, rowsAtOnce } from "./file-rows.ts";
import type { Naming, NewKind, Row } from "./file-rows.ts";
import { chooseFiles, Transfers } from "./transfers.ts";
import { pickedFrom, pickedFromField } from "./upload.ts";

export interface FilesModelOptions {
  readonly project: Project;
  readonly blobs: BlobStore;
  /** Whether this person may change files, now. */
  readonly writable: () => boolean;
  /** Who deletes, for the trash. */
  readonly person: () => string;
  readonly projectName: () => string;
  readonly open: (entry: Entry, focus: boolean) => void;
  /** A notebook of a Jupyter file, beside it; and the other way, as a download. */
  readonly fromJupyter: (entry: Entry) => void;
  readonly toJupyter: (entry: Entry) => void;
  /** This person has deleted it, with all that is in it. */
  readonly close: (id: NodeId) => void;
}

export class FilesModel {
  readonly project: Project;
  readonly transfers: Transfers;
  readonly #options: FilesModelOptions;
  readonly #disposers = new DisposerStack();
  readonly #version = signal(0);
  /** How many rows a large folder shows, where one has asked for more. */
  readonly #shown = signal<ReadonlyMap<NodeId, number>>(new Map());
  readonly expanded = signal<ReadonlySet<NodeId>>(new Set());
  readonly focused = signal<NodeId | undefined>(undefined);
  readonly naming = signal<Naming | undefined>(undefined);
  readonly namingError = signal<string | undefined>(undefined);
  /** The tree is to take the keyboard focus when it is next drawn. */
  focusWanted = false;
  /** Cut, to be pasted elsewhere. */
  readonly cut = signal<NodeId | undefined>(undefined);
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly trashed: ReadonlySignal<ReturnType<Project["trashed"]>>;

  constructor(options: FilesModelOptions) {
    this.#options = options;
    this.project = options.project;
    this.transfers = new Transfers({
      project: options.project,
      blobs: options.blobs,
      projectName: options.projectName,
      reveal: (id) => {
        this.reveal(id);
        this.focused.value = id;
      },
    });
    this.#disposers.add(
      options.project.changes.on((change) => {
        // Keystrokes change no row.
        if (change.directories.size > 0) this.#version.value += 1;
      }),
    );
    this.rows = computed(() => {
      void this.#version.value;
      return fileRows(this.project, this.expanded.value, this.naming.value, this.#shown.value);
    });
    this.trashed = computed(() => {
      void this.#version.value;
      return this.project.trashed();
    });
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  get writable(): boolean {
    return this.#options.writable();
  }

  open(entry: Entry, focus: boolean): void {
    if (entry.kind === "dir") this.toggle(entry.id);
    else this.#options.open(entry, focus);
  }

  toggle(id: NodeId, open = !this.expanded.value.has(id)): void {
    const next = new Set(this.expanded.value);
    if (open) next.add(id);
    else next.delete(id);
    this.expanded.value = next;
  }

  /** Shows more of a large folder. */
  showMore(directory: NodeId): void {
    const now = this.#shown.value.get(directory) ?? rowsAtOnce;
    this.#shown.value = new Map(this.#shown.value).set(directory, now + 2 * rowsAtOnce);
  }

  /** Opens every folder above an entry. */
  reveal(id: NodeId): void {
    const next = new Set(this.expanded.value);
    for (let entry = this.project.entry(id); entry !== undefined && entry.parent !== rootId;) {
      next.add(entry.parent);
      entry = this.project.entry(entry.parent);
    }
    if (next.size !== this.expanded.value.size) this.expanded.value = next;
  }

  /** The folder that new things go to: the focused one, or the one the focused file is in. */
  targetDirectory(): NodeId {
    const entry = this.focused.value === undefined ? undefined : this.project.entry(this.focused.value);
    if (entry === undefined) return rootId;
    return entry.kind === "dir" ? entry.id : entry.parent;
  }

  beginCreate(what: NewKind, parent = this.targetDirectory()): void {
    if (!this.writable) return;
    if (parent !== rootId) this.toggle(parent, true);
    this.namingError.value = undefined;
    this.naming.value = { kind: "create", what, parent };
  }

  beginRename(id: NodeId): void {
    if (!this.writable) return;
    this.namingError.value = undefined;
    this.naming.value = { kind: "rename", id };
  }

  /** `byKey`: the keyboard focus goes back to the tree. */
  cancelNaming(byKey = false): void {
    this.focusWanted = byKey;
    this.naming.value = undefined;
    this.namingError.value = undefined;
  }

  /** Takes the name that was typed. False: it cannot be, namingError says why, and naming goes on. */
  finishNaming(typed: string, byKey: boolean): boolean {
    const naming = this.naming.value;
    if (naming === undefined) return true;
    const name = typed.trim();
    if (name === "") {
      this.cancelNaming(byKey);
      return true;
    }
    try {
      if (naming.kind === "rename") {
        const entry = this.project.entry(naming.id);
        if (entry !== undefined && entry.name !== name) this.project.move(entry.id, entry.parent, name);
        this.cancelNaming(byKey);
        return true;
      }
      const entry = this.#create(naming.what, naming.parent, name);
      this.focused.value = entry.id;
      this.cancelNaming(byKey && entry.kind === "dir");
      if (entry.kind !== "dir") this.#options.open(entry, byKey);
      return true;
    } catch (error) {
      this.namingError.value = explainFileError(error, name);
      return false;
    }
  }

  #create(what: NewKind, parent: NodeId, name: string): Entry {
    if (what === "text") return this.project.createText(parent, name);
    if (what === "notebook") {
      const full = name.endsWith(".nb.md") ? name : `${name.replace(/\.md$/, "")}.nb.md`;
      return this.project.createNotebook(parent, full);
    }
    const entry = this.project.mkdir(parent, name);
    this.toggle(entry.id, true);
    return entry;
  }

  trash(id: NodeId): void {
    const entry = this.project.entry(id);
    if (entry === undefined || !this.writable) return;
    const next = neighbour(this.rows.value, id);
    this.#try(entry.name, () => {
      this.project.trash(id, this.#options.person());
      this.focused.value = next;
      // The row that had the keyboard is gone.
      this.focusWanted = true;
      this.#options.close(id);
      toast({
        message: `“${entry.name}” moved to the trash`,
        action: { label: "Undo", run: () => this.restore(id) },
      });
    });
  }

  restore(id: NodeId): void {
    const name = this.project.trashed().find((entry) => entry.id === id)?.name ?? "This file";
    this.#try(name, () => {
      this.project.restore(id);
      this.reveal(id);
      this.focused.value = id;
    });
  }

  move(id: NodeId, directory: NodeId): void {
    const entry = this.project.entry(id);
    if (entry === undefined || entry.parent === directory || !this.writable) return;
    const taken = (name: string): boolean => this.project.lookup(directory, name) !== undefined;
    this.#try(entry.name, () => {
      this.project.move(id, directory, freeName(entry.name, taken));
      if (directory !== rootId) this.toggle(directory, true);
      this.focused.value = id;
    });
  }

  /** What can be done with a file because it is Jupyter's, or could become it. */
  jupyter({ kind, name }: Entry): "import" | "export" | undefined {
    if (kind === "notebook") return "export";
    return this.writable && kind !== "dir" && /\.ipynb$/i.test(name) ? "import" : undefined;
  }

  fromJupyter(entry: Entry): void {
    this.#options.fromJupyter(entry);
  }

  toJupyter(entry: Entry): void {
    this.#options.toJupyter(entry);
  }

  /** Marks what the next paste moves. */
  cutEntry(entry: Entry): void {
    if (!this.writable) return;
    this.cut.value = entry.id;
    toast({ message: `“${entry.name}” is cut. Go to a folder and paste it there.` });
  }

  paste(): void {
    const id = this.cut.value;
    this.cut.value = undefined;
    if (id !== undefined) this.move(id, this.targetDirectory());
  }

  /** What was dropped on a folder. */
  async drop(transfer: DataTransfer, directory: NodeId): Promise<void> {
    if (this.writable) await this.transfers.bring(await pickedFrom(transfer), directory);
  }

  /** Lets the person choose files, or a folder, to bring in. */
  upload(folder: boolean, directory = this.targetDirectory()): void {
    if (this.writable)
      chooseFiles(folder, (files) => void this.transfers.bring(pickedFromField(files), directory));
  }

  #try(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      toast({ message: explainFileError(error, name), problem: true });
    }
  }
}
