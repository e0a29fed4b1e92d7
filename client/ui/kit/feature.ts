// What an interface folder brings to the workspace, and what it gets of it. The workspace is handed a list of features
// (client/features.ts); none of them knows another.

import type { ReadonlySignal } from "@preact/signals";
import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { NodeId } from "#core/project/project.ts";
import type { AwarenessState } from "#core/room/awareness-state.ts";
import type { CaretHandover } from "./carry-caret.ts";
import type { MenuItem } from "./menu.tsx";

/** Something that can be done: the palette lists it, its key runs it. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon;
  /** "Mod-B". */
  readonly shortcut?: string;
  /** Also while a terminal has the focus, whose programs want most keys for themselves. */
  readonly overTerminal?: boolean;
  readonly run: () => void;
}

/** A place in a file that is to be shown. */
export interface FilePlace {
  readonly file: NodeId;
  /** Of a text; 1 is the first. */
  readonly line?: number;
  /** Of a notebook: a cell's id. */
  readonly cell?: string;
  /** Only show it: the keyboard stays where it is. */
  readonly keepFocus?: boolean;
}

/** The workspace, as features see it. */
export interface Shell {
  /** The file in front. */
  readonly active: ReadonlySignal<NodeId | undefined>;
  open(file: NodeId, focus: boolean): void;
  /** Opens a file at a line of its text, or at a cell of it. */
  openAt(place: FilePlace): void;
  /** Shows the sidebar with the view of that name. */
  showSidebar(view: string): void;
  /** Shows the panel at the bottom. */
  showBottom(): void;
  /** Opens the dialog of that name; an open one is closed. */
  openDialog(name: string): void;
  /** Runs the command with that id, which may be another feature's; nothing where it is not offered now. */
  run(command: string): void;
}

/** What the others are told: fields of the awareness state. Of `where`, each feature tells its own part. */
export type Presence = Pick<AwarenessState, "where" | "machine" | "terminals">;

/** Draws an open notebook. */
type RenderNotebook = (options: {
  readonly file: NodeId;
  readonly name: string;
  readonly notebook: Notebook;
  /** It was deleted: it can be read, and no longer be edited. */
  readonly gone: boolean;
  /** False while another tab is in front. */
  readonly visible: boolean;
  /** A new object asks to go to that cell; without one, to where the keyboard was. */
  readonly goal: { readonly cell?: string; readonly keepFocus?: boolean } | undefined;
  /** Gives the caret over where the file becomes something else that is edited. */
  readonly handover: CaretHandover;
}) => ComponentChildren;

/** All parts are optional. What reads signals is drawn, or asked, again when they change. */
export interface Feature {
  readonly commands?: () => readonly Command[];
  /** A view of the sidebar; the first feature that has one is shown first. */
  readonly sidebar?: { readonly name: string; readonly draw: () => ComponentChildren };
  /** The panel at the bottom. */
  readonly bottom?: () => ComponentChildren;
  /** In the top bar: among what is the case, in the middle, and at the end. */
  readonly status?: () => ComponentChildren;
  readonly bar?: () => ComponentChildren;
  readonly action?: () => ComponentChildren;
  /** Items of the top bar's menu. */
  readonly menu?: () => readonly MenuItem[];
  /** By name. */
  readonly dialogs?: Readonly<Record<string, (close: () => void) => ComponentChildren>>;
  readonly notebooks?: RenderNotebook;
  readonly presence?: ReadonlySignal<Presence>;
  readonly dispose?: () => void;
}
