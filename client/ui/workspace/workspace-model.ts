// What is open and where in one workspace: layout, sheets and dialogs as signals, kept in this browser per project.
// Features see it as their shell.

import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import type { Command, Feature, FilePlace, Shell } from "#ui/kit/feature.ts";
import type { NodeId } from "#core/project/project.ts";
import {
  activeFile,
  closeTab,
  focusedGroup,
  initialLayout,
  openTab,
  parseLayout,
  setPanel,
  splitRight,
  stepTab,
} from "./layout.ts";
import type { Layout } from "./layout.ts";

/** Narrower windows show sidebar and terminals as sheets over the page. */
const narrowQuery = "(max-width: 899px)";
/** Milliseconds after the last change before the layout is stored. */
const storeDelay = 400;

export type Sheet = "sidebar" | "bottom";

export interface WorkspaceModelOptions {
  /** Where the layout is kept. */
  readonly storageKey: string;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  /** The workspace's own commands, as they are now. */
  readonly ownCommands: (model: WorkspaceModel) => readonly Command[];
}

export class WorkspaceModel implements Shell {
  readonly layout: Signal<Layout>;
  readonly active: ReadonlySignal<NodeId | undefined>;
  /** What the workspace is made of; later ones come later in every list. */
  readonly features = signal<readonly Feature[]>([]);
  /** What can be done now. */
  readonly commands: ReadonlySignal<readonly Command[]>;
  /** The name of the open dialog. */
  readonly dialog = signal<string | undefined>(undefined);
  readonly narrow: Signal<boolean>;
  /** In a narrow window, what lies over the page. */
  readonly sheet = signal<Sheet | undefined>(undefined);
  readonly #sidebarView = signal<string | undefined>(undefined);
  /** The file that is to take the keyboard focus when it shows, and where; a new object for each request. */
  readonly focusRequest = signal<FilePlace | undefined>(undefined);
  /** No layout was stored: the first visit to this project. */
  readonly fresh: boolean;
  readonly #disposers = new DisposerStack();

  constructor({ storageKey, storage, ownCommands }: WorkspaceModelOptions) {
    const stored = parseLayout(storage.getItem(storageKey));
    this.fresh = stored === undefined;
    this.layout = signal(stored ?? initialLayout);
    this.active = computed(() => activeFile(this.layout.value));
    this.commands = computed(() => [
      ...ownCommands(this),
      ...this.features.value.flatMap((feature) => feature.commands?.() ?? []),
    ]);

    const query = matchMedia(narrowQuery);
    this.narrow = signal(query.matches);
    const follow = (): void => {
      this.narrow.value = query.matches;
      this.sheet.value = undefined;
    };
    query.addEventListener("change", follow);
    this.#disposers.add(() => query.removeEventListener("change", follow));

    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#disposers.add(() => clearTimeout(timer));
    this.#disposers.add(
      effect(() => {
        const json = JSON.stringify(this.layout.value);
        clearTimeout(timer);
        timer = setTimeout(() => {
          try {
            storage.setItem(storageKey, json);
          } catch {
            // Storage is full or forbidden: the layout lasts as long as the page.
          }
        }, storeDelay);
      }),
    );
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  update(change: (layout: Layout) => Layout): void {
    this.layout.value = change(this.layout.value);
  }

  open(file: NodeId, focus: boolean): void {
    this.update((layout) => openTab(layout, file));
    this.sheet.value = undefined;
    if (focus) this.focusRequest.value = { file };
  }

  /** Opens a file at a line of its text, or at a cell of it. */
  openAt(place: FilePlace): void {
    this.open(place.file, false);
    this.focusRequest.value = place;
  }

  /** The view that the sidebar shows: the first one until another is asked for. */
  get sidebar(): Feature["sidebar"] {
    const views = this.features.value.flatMap(({ sidebar }) => (sidebar === undefined ? [] : [sidebar]));
    return views.find(({ name }) => name === this.#sidebarView.value) ?? views[0];
  }

  showSidebar(view: string): void {
    this.#sidebarView.value = view;
    this.show("sidebar", true);
  }

  showBottom(): void {
    this.show("bottom", true);
  }

  openDialog(name: string): void {
    this.dialog.value = name;
  }

  run(command: string): void {
    this.commands
      .peek()
      .find(({ id }) => id === command)
      ?.run();
  }

  closeActive(): void {
    const group = focusedGroup(this.layout.value);
    const file = group.active;
    if (file === undefined) return;
    this.update((layout) => closeTab(layout, group.id, file));
    this.#enterActive();
  }

  /** To the next or the previous tab, and into its file. */
  step(step: -1 | 1): void {
    this.update((layout) => stepTab(layout, step));
    this.#enterActive();
  }

  #enterActive(): void {
    const file = this.active.peek();
    if (file !== undefined) this.focusRequest.value = { file };
  }

  splitActive(): void {
    const group = focusedGroup(this.layout.value);
    const file = group.active;
    if (file === undefined) return;
    this.update((layout) => splitRight(layout, group.id, file, false));
    this.focusRequest.value = { file };
  }

  shows(which: Sheet): boolean {
    return this.narrow.value ? this.sheet.value === which : this.layout.value[which].open;
  }

  show(which: Sheet, open: boolean): void {
    if (this.narrow.value) this.sheet.value = open ? which : undefined;
    else this.update((layout) => setPanel(layout, which, { open }));
  }

  toggle(which: Sheet): void {
    this.show(which, !this.shows(which));
  }
}
