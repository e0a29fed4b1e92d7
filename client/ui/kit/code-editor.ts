// What an embeddable collaborative code editor is to the rest of the interface. Knows no Monaco:
// ui/editor implements it, notebooks and workspace are handed a factory.

import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import type { CaretIn } from "./carry-caret.ts";

/** Where an editor stands, so that colleagues' selections in it can be told from those elsewhere. */
export interface EditorPlace {
  /** The file's node id. */
  readonly node: string;
  /** The cell's id, in a notebook. */
  readonly cell?: string;
}

/** A person's selection, as the awareness field `selection` carries it: Yjs relative positions as JSON. */
export interface SharedSelection extends EditorPlace {
  readonly anchor: unknown;
  readonly head: unknown;
}

export interface CodeEditorOptions {
  /** Empty; the editor fills it and follows its size. */
  readonly parent: HTMLElement;
  readonly text: Y.Text;
  /** A language id such as "shell", "python", "markdown"; "plaintext" where nothing fits. See languageOf. */
  readonly language: string;
  /** Accessible name: the file name, or "Cell 3". */
  readonly label: string;
  /** Grows with its text and never scrolls vertically: cells. */
  readonly autoHeight?: boolean;
  readonly readOnly?: boolean;
  /** Shows colleagues' cursors and tells them one's own. */
  readonly awareness?: Awareness;
  readonly place?: EditorPlace;
  /** Sees every key before the editor does; true means it has taken it. */
  readonly onKey?: (event: KeyboardEvent) => boolean;
  /** The caret wants to leave: Up on the first line, Down on the last one. */
  readonly onLeave?: (direction: "up" | "down") => void;
  readonly onFocus?: () => void;
  readonly onBlur?: () => void;
}

export interface CodeEditor {
  /** Safe before the editor has loaded: it is then done as soon as it has, and keys typed meanwhile are put in. */
  focus(at?: "start" | "end" | CaretIn): void;
  readonly hasFocus: boolean;
  /** Where the caret is, while the editor has the focus. */
  readonly caret: CaretIn | undefined;
  /** Another text from now on; focus, caret and scroll stay. */
  setText(text: Y.Text): void;
  setLabel(label: string): void;
  setLanguage(language: string): void;
  setReadOnly(readOnly: boolean): void;
  /** Shows the line (1 is the first) and puts the caret there. */
  reveal(line: number): void;
  /** Measures again; only needed where the parent was hidden. */
  layout(): void;
  dispose(): void;
}

export interface CodeEditorFactory {
  /** At once: the text is legible from the first frame, the editor takes its place when it has loaded. */
  create(options: CodeEditorOptions): CodeEditor;
}
