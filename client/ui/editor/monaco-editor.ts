// One Monaco editor bound to one shared text: options, keys, undo, height. Reached only through code-editor.ts.

import { DisposerStack } from "#core/base/disposable.ts";
import type * as Y from "yjs";
import { carryCaret, missingSpaces, type CaretIn } from "#ui/kit/carry-caret.ts";
import type { CodeEditor, CodeEditorOptions } from "#ui/kit/code-editor.ts";
import { matchesKey } from "#ui/kit/keys.ts";
import { Range, Selection, editor, followTheme, registerLanguages } from "./monaco.ts";
import { paletteEntry } from "./palette-theme.ts";
import type { Colourer } from "./printed-code.ts";
import { RemoteCursors } from "./remote-cursors.ts";
import { TextBinding, type Caret } from "./text-binding.ts";

const lineHeight = 20;

const common: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: '"JetBrains Mono", ui-monospace, monospace',
  fontSize: 13,
  lineHeight,
  fontLigatures: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  renderLineHighlight: "line",
  renderLineHighlightOnlyWhenFocus: true,
  occurrencesHighlight: "off",
  quickSuggestions: false,
  suggestOnTriggerCharacters: false,
  wordBasedSuggestions: "currentDocument",
  unusualLineTerminators: "off",
  detectIndentation: true,
  fixedOverflowWidgets: true,
  smoothScrolling: false,
  cursorSmoothCaretAnimation: "off",
  contextmenu: true,
  lightbulb: { enabled: editor.ShowLightbulbIconMode.Off },
  stickyScroll: { enabled: false },
  guides: { indentation: false },
  padding: { top: 12, bottom: 12 },
};

const inCell: editor.IStandaloneEditorConstructionOptions = {
  lineNumbers: "off",
  glyphMargin: false,
  folding: false,
  lineDecorationsWidth: 12,
  lineNumbersMinChars: 0,
  renderLineHighlight: "none",
  wordWrap: "on",
  wrappingIndent: "same",
  padding: { top: 8, bottom: 8 },
  scrollbar: {
    vertical: "hidden",
    horizontal: "auto",
    handleMouseWheel: false,
    alwaysConsumeMouseWheel: false,
    horizontalScrollbarSize: 8,
  },
};

const inFile: editor.IStandaloneEditorConstructionOptions = {
  lineNumbersMinChars: 4,
  glyphMargin: false,
  lineDecorationsWidth: 18,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
};

/** Makes what all editors share, in steps, so that the first is about as quick as the others. Each is called once. */
export const warmUp: readonly (() => void)[] = [
  followTheme,
  registerLanguages,
  () => editor.createModel("", "plaintext").dispose(),
];

/** Colours a text at once, in the languages that an editor of this page has used. */
export const colourer: Colourer = (text, language) => {
  const lines = text.split("\n");
  return editor.tokenize(text, language).map((tokens, index) => {
    const line = lines[index] ?? "";
    return tokens.map(({ offset, type }, at) => ({
      text: line.slice(offset, tokens[at + 1]?.offset),
      colour: paletteEntry(type),
    }));
  });
};

export class MonacoEditor implements CodeEditor {
  readonly #options: CodeEditorOptions;
  readonly #disposers = new DisposerStack();
  readonly #editor: editor.IStandaloneCodeEditor;
  readonly #model: editor.ITextModel;
  #binding: TextBinding;
  #cursors: RemoteCursors | undefined;
  #readOnly: boolean;

  constructor(options: CodeEditorOptions) {
    this.#options = options;
    this.#readOnly = options.readOnly ?? false;

    this.#model = editor.createModel("", options.language);
    this.#disposers.add(() => this.#model.dispose());
    this.#model.setEOL(editor.EndOfLineSequence.LF);

    const host = document.createElement("div");
    host.style.height = "100%";
    options.parent.append(host);
    this.#disposers.add(() => host.remove());

    this.#binding = this.#bind(options.text);
    this.#disposers.add(() => this.#binding.dispose());

    if (options.autoHeight === true) host.style.height = `${this.#naturalHeight()}px`;
    this.#editor = editor.create(host, {
      ...common,
      ...(options.autoHeight === true ? inCell : inFile),
      model: this.#model,
      ariaLabel: options.label,
    });
    this.#disposers.add(() => this.#editor.dispose());
    this.#updateReadOnly();

    if (options.autoHeight === true) this.#followHeight(host);
    this.#listen(host);
    this.#showColleagues(options.text);
    this.#disposers.add(() => this.#cursors?.dispose());
  }

  get hasFocus(): boolean {
    return this.#editor.hasTextFocus();
  }

  get caret(): CaretIn | undefined {
    const position = this.#editor.getPosition();
    if (position === null || !this.hasFocus) return undefined;
    return { text: this.#model.getValue(), offset: this.#model.getOffsetAt(position) };
  }

  focus(at?: "start" | "end" | CaretIn): void {
    if (typeof at === "object") this.#carry(at);
    if (at === "start") this.#editor.setPosition({ lineNumber: 1, column: 1 });
    if (at === "end") this.#editor.setPosition(this.#model.getFullModelRange().getEndPosition());
    this.#editor.focus();
  }

  reveal(line: number): void {
    this.#editor.setPosition({ lineNumber: line, column: 1 });
    this.#editor.revealLineInCenter(line);
  }

  #carry(caret: CaretIn): void {
    const text = this.#model.getValue();
    const offset = carryCaret(caret, text);
    this.#editor.setPosition(this.#model.getPositionAt(offset));
    const spaces = missingSpaces(caret, { text, offset });
    if (spaces !== "") this.type(spaces);
  }

  /** As if it had been typed. */
  type(text: string): void {
    this.#editor.trigger("keyboard", "type", { text });
  }

  setText(text: Y.Text): void {
    this.#cursors?.dispose();
    this.#binding.release();
    this.#binding.dispose();
    this.#binding = this.#bind(text);
    this.#showColleagues(text);
    this.#updateReadOnly();
  }

  setLabel(label: string): void {
    this.#editor.updateOptions({ ariaLabel: label });
  }

  setLanguage(language: string): void {
    editor.setModelLanguage(this.#model, language);
  }

  setReadOnly(readOnly: boolean): void {
    this.#readOnly = readOnly;
    this.#updateReadOnly();
  }

  layout(): void {
    this.#editor.layout();
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  #bind(text: Y.Text): TextBinding {
    return new TextBinding({
      text,
      model: this.#model,
      carets: {
        read: () => this.#readCarets(),
        write: (carets) => this.#writeCarets(carets),
      },
      onRevert: (offset) => {
        const position = this.#model.getPositionAt(offset);
        this.#editor.setPosition(position);
        this.#editor.revealPositionInCenterIfOutsideViewport(position);
      },
    });
  }

  #showColleagues(text: Y.Text): void {
    const { awareness, place } = this.#options;
    if (awareness === undefined || place === undefined) return;
    this.#cursors = new RemoteCursors({
      editor: this.#editor,
      text,
      binding: this.#binding,
      awareness,
      place,
    });
  }

  #readCarets(): readonly Caret[] {
    return (this.#editor.getSelections() ?? []).map((selection) => ({
      first: this.#model.getOffsetAt(selection.getStartPosition()),
      last: this.#model.getOffsetAt(selection.getEndPosition()),
    }));
  }

  #writeCarets(carets: readonly Caret[]): void {
    const now = this.#editor.getSelections() ?? [];
    const wanted = now.map((selection, index) => {
      const caret = carets[index];
      if (caret === undefined) return selection;
      const first = this.#model.getPositionAt(caret.first);
      const last = this.#model.getPositionAt(caret.last);
      return Selection.fromRange(Range.fromPositions(first, last), selection.getDirection());
    });
    if (now.length === carets.length && !Selection.selectionsArrEqual(now, wanted))
      this.#editor.setSelections(wanted);
  }

  #updateReadOnly(): void {
    const foreign = this.#binding.mirrored;
    const value = foreign
      ? "This file has line endings that the editor cannot keep. Edit it in a terminal."
      : "You may read this project, not change it.";
    this.#editor.updateOptions({
      readOnly: this.#readOnly || foreign,
      readOnlyMessage: { value },
    });
  }

  #naturalHeight(): number {
    return this.#model.getLineCount() * lineHeight + 16;
  }

  #followHeight(host: HTMLElement): void {
    const follow = (): void => {
      host.style.height = `${this.#editor.getContentHeight()}px`;
    };
    follow();
    const subscription = this.#editor.onDidContentSizeChange((event) => {
      if (event.contentHeightChanged) follow();
    });
    this.#disposers.add(() => subscription.dispose());
  }

  #listen(host: HTMLElement): void {
    const { onFocus, onBlur } = this.#options;
    const focus = this.#editor.onDidFocusEditorText(() => onFocus?.());
    const blur = this.#editor.onDidBlurEditorText(() => onBlur?.());
    const content = this.#model.onDidChangeContent(() => this.#updateReadOnlyIfForeign());
    // An input method composes at a place that it knows by itself: the text must not move under it. Whatever ends
    // a composition (also a loss of focus without its event) shows what has come meanwhile.
    const composing = this.#editor.onDidCompositionStart(() => this.#binding.hold());
    const composed = this.#editor.onDidCompositionEnd(() => this.#binding.release());
    const left = this.#editor.onDidBlurEditorText(() => this.#binding.release());
    // Before Monaco: its own undo would take back colleagues' changes too.
    const onKey = (event: KeyboardEvent): void => {
      if (!this.#editor.hasTextFocus()) return;
      if (this.#options.onKey?.(event) === true || this.#handleKey(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    host.addEventListener("keydown", onKey, { capture: true });
    this.#disposers.add(() => {
      host.removeEventListener("keydown", onKey, { capture: true });
      for (const subscription of [focus, blur, content, composing, composed, left]) subscription.dispose();
    });
  }

  #wasForeign = false;

  #updateReadOnlyIfForeign(): void {
    if (this.#binding.mirrored === this.#wasForeign) return;
    this.#wasForeign = this.#binding.mirrored;
    this.#updateReadOnly();
  }

  #handleKey(event: KeyboardEvent): boolean {
    if (matchesKey(event, "Mod-z")) this.#binding.undo();
    else if (matchesKey(event, "Mod-Shift-z") || matchesKey(event, "Mod-y")) this.#binding.redo();
    else return this.#leaves(event);
    return true;
  }

  #leaves(event: KeyboardEvent): boolean {
    const { onLeave } = this.#options;
    const selection = this.#editor.getSelection();
    if (onLeave === undefined || selection === null || !selection.isEmpty()) return false;
    const at = selection.getPosition();
    if (matchesKey(event, "ArrowUp") && at.lineNumber === 1) {
      // Only from the first of the lines that a long first line is wrapped into.
      if (this.#editor.getTopForPosition(1, at.column) > this.#editor.getTopForPosition(1, 1)) return false;
      onLeave("up");
      return true;
    }
    if (matchesKey(event, "ArrowDown") && at.lineNumber === this.#model.getLineCount()) {
      const end = this.#model.getLineMaxColumn(at.lineNumber);
      const top = this.#editor.getTopForPosition(at.lineNumber, at.column);
      if (top < this.#editor.getTopForPosition(at.lineNumber, end)) return false;
      onLeave("down");
      return true;
    }
    return false;
  }
}
