// Colleagues' carets and selections in one editor, from the awareness field `selection`, and one's own told to them.

import type { IDisposable } from "monaco-editor/editor/editor.api.js";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { EditorPlace, SharedSelection } from "#ui/kit/code-editor.ts";
import { textOn } from "#ui/kit/color.ts";
import { Range, Selection, editor } from "./monaco.ts";
import type { TextBinding } from "./text-binding.ts";
import "./remote-cursors.css";

/** Milliseconds a name flag stays after a caret has moved. */
const flagTime = 2000;

interface RemoteState {
  readonly name: string;
  readonly color: string;
  readonly selection: SharedSelection;
}

export interface RemoteCursorsOptions {
  readonly editor: editor.IStandaloneCodeEditor;
  readonly text: Y.Text;
  /** The editor may be behind the text. */
  readonly binding: Pick<TextBinding, "toText" | "toModel">;
  readonly awareness: Awareness;
  readonly place: EditorPlace;
}

/** What another client says about itself, or undefined where it is not in this editor. */
function readState(state: unknown, place: EditorPlace): RemoteState | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { user, selection } = state as { user?: unknown; selection?: unknown };
  if (typeof selection !== "object" || selection === null) return undefined;
  const shared = selection as Partial<SharedSelection>;
  if (shared.node !== place.node || shared.cell !== place.cell) return undefined;
  const { name, color } = (user ?? {}) as { name?: unknown; color?: unknown };
  return {
    name: typeof name === "string" ? name : "Someone",
    color: typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color) ? color : "#808080",
    selection: { node: place.node, anchor: shared.anchor, head: shared.head },
  };
}

export class RemoteCursors implements IDisposable {
  readonly #options: RemoteCursorsOptions;
  readonly #carets = new Map<number, Caret>();
  readonly #onAwareness: () => void;
  readonly #listeners: IDisposable[] = [];

  constructor(options: RemoteCursorsOptions) {
    this.#options = options;
    this.#onAwareness = () => this.#show();
    options.awareness.on("change", this.#onAwareness);
    this.#listeners.push(
      options.editor.onDidChangeCursorSelection(() => this.#tell()),
      options.editor.onDidFocusEditorText(() => this.#tell()),
      // A text change moves carets without an awareness change.
      options.editor.onDidChangeModelContent(() => queueMicrotask(() => this.#show())),
    );
    this.#show();
  }

  dispose(): void {
    const { awareness, place } = this.#options;
    awareness.off("change", this.#onAwareness);
    for (const listener of this.#listeners) listener.dispose();
    for (const caret of this.#carets.values()) caret.dispose();
    this.#carets.clear();
    if (readState(awareness.getLocalState(), place) !== undefined)
      awareness.setLocalStateField("selection", null);
  }

  #tell(): void {
    const { editor, text, binding, awareness, place } = this.#options;
    const model = editor.getModel();
    const selection = editor.getSelection();
    if (model === null || selection === null || !editor.hasTextFocus()) return;
    const position = (line: number, column: number): unknown =>
      Y.relativePositionToJSON(
        Y.createRelativePositionFromTypeIndex(
          text,
          binding.toText(model.getOffsetAt({ lineNumber: line, column })),
        ),
      );
    const shared: SharedSelection = {
      ...place,
      anchor: position(selection.selectionStartLineNumber, selection.selectionStartColumn),
      head: position(selection.positionLineNumber, selection.positionColumn),
    };
    awareness.setLocalStateField("selection", shared);
  }

  #show(): void {
    const { editor, awareness, place } = this.#options;
    if (editor.getModel() === null) return;
    const present = new Set<number>();
    for (const [client, raw] of awareness.getStates()) {
      if (client === awareness.clientID) continue;
      const state = readState(raw, place);
      const selection = state === undefined ? undefined : this.#resolve(state.selection);
      if (state === undefined || selection === undefined) continue;
      present.add(client);
      let caret = this.#carets.get(client);
      if (caret === undefined) {
        caret = new Caret(editor, client);
        this.#carets.set(client, caret);
      }
      caret.show(state, selection);
    }
    for (const [client, caret] of this.#carets)
      if (!present.has(client)) {
        caret.dispose();
        this.#carets.delete(client);
      }
  }

  #resolve(shared: SharedSelection): Selection | undefined {
    const model = this.#options.editor.getModel();
    const anchor = this.#offset(shared.anchor);
    const head = this.#offset(shared.head);
    if (model === null || anchor === undefined || head === undefined) return undefined;
    const from = model.getPositionAt(anchor);
    const to = model.getPositionAt(head);
    return new Selection(from.lineNumber, from.column, to.lineNumber, to.column);
  }

  #offset(json: unknown): number | undefined {
    const { text, binding } = this.#options;
    if (typeof json !== "object" || json === null || text.doc === null) return undefined;
    try {
      const position = Y.createRelativePositionFromJSON(json);
      const absolute = Y.createAbsolutePositionFromRelativePosition(position, text.doc);
      return absolute?.type === text ? binding.toModel(absolute.index) : undefined;
    } catch {
      return undefined; // another client's malformed state is its own matter
    }
  }
}

/** One colleague's caret, its flag and the selection behind it. */
class Caret implements editor.IContentWidget, IDisposable {
  readonly #editor: editor.IStandaloneCodeEditor;
  readonly #client: number;
  readonly #node = document.createElement("div");
  readonly #flag = document.createElement("span");
  readonly #sheet = new CSSStyleSheet();
  readonly #selection: editor.IEditorDecorationsCollection;
  #at: Selection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly allowEditorOverflow = false;
  readonly suppressMouseDown = true;

  constructor(target: editor.IStandaloneCodeEditor, client: number) {
    this.#editor = target;
    this.#client = client;
    this.#node.className = "editor-caret";
    this.#node.append(this.#flag);
    this.#selection = target.createDecorationsCollection();
    document.adoptedStyleSheets.push(this.#sheet);
    target.addContentWidget(this);
  }

  getId(): string {
    return `conch.caret.${this.#client}`;
  }

  getDomNode(): HTMLElement {
    return this.#node;
  }

  getPosition(): editor.IContentWidgetPosition | null {
    if (this.#at === undefined) return null;
    return {
      position: { lineNumber: this.#at.positionLineNumber, column: this.#at.positionColumn },
      preference: [editor.ContentWidgetPositionPreference.EXACT],
    };
  }

  show(state: RemoteState, selection: Selection): void {
    const moved = this.#at === undefined || !this.#at.equalsSelection(selection);
    this.#at = selection;
    this.#flag.textContent = state.name;
    this.#node.style.setProperty("--person", state.color);
    this.#node.style.setProperty("--person-text", textOn(state.color));
    this.#node.style.height = `${this.#editor.getOption(editor.EditorOption.lineHeight)}px`;
    // Within the editor, which cuts off what is beyond its first and last line.
    const isFirst = selection.positionLineNumber === 1;
    const isOnly = isFirst && this.#editor.getModel()?.getLineCount() === 1;
    this.#node.classList.toggle("editor-caret-below", isFirst && !isOnly);
    this.#node.classList.toggle("editor-caret-beside", isOnly);
    const className = `editor-remote-${this.#client}`;
    this.#sheet.replaceSync(`.${className} { background: ${state.color}40; }`);
    this.#selection.set(
      selection.isEmpty() ? [] : [{ range: Range.lift(selection), options: { className, zIndex: 1 } }],
    );
    if (!moved) return;
    this.#editor.layoutContentWidget(this);
    this.#node.classList.add("editor-caret-fresh");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#node.classList.remove("editor-caret-fresh"), flagTime);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#selection.clear();
    this.#editor.removeContentWidget(this);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
  }
}
