// The code editor of the interface on Monaco: legible at once as plain text, an editor as soon as Monaco has loaded.

import { DisposerStack } from "#core/base/disposable.ts";
import type { CodeEditor, CodeEditorFactory, CodeEditorOptions } from "#ui/kit/code-editor.ts";
import type * as MonacoModule from "./monaco-editor.ts";
import "./code-editor.css";

/** One load for all editors of the page. */
let loading: Promise<typeof MonacoModule> | undefined;

function load(): Promise<typeof MonacoModule> {
  loading ??= import("./monaco-editor.ts").catch((reason: unknown) => {
    loading = undefined; // the next editor tries again
    throw reason;
  });
  return loading;
}

/** Fetches Monaco ahead of the first editor. */
export function preloadEditor(): void {
  load().catch(() => undefined); // the editor that needs it reports the failure
}

class LazyEditor implements CodeEditor {
  readonly #options: CodeEditorOptions;
  readonly #disposers = new DisposerStack();
  #language: string;
  #readOnly: boolean;
  #editor: MonacoModule.MonacoEditor | undefined;
  #wantsFocus: { readonly at: "start" | "end" | undefined } | undefined;
  #wantsLine: number | undefined;

  constructor(options: CodeEditorOptions) {
    this.#options = options;
    this.#language = options.language;
    this.#readOnly = options.readOnly ?? false;
    const { parent, text } = options;
    parent.classList.add("code-editor");
    parent.classList.toggle("code-editor-auto", options.autoHeight === true);

    const plain = document.createElement("pre");
    plain.className = "code-editor-plain";
    const fill = (): void => {
      plain.textContent = `${text.toJSON()}\n`;
    };
    fill();
    text.observe(fill);
    parent.append(plain);
    const plainParts = new DisposerStack();
    plainParts.add(() => text.unobserve(fill));
    plainParts.add(() => plain.remove());
    this.#disposers.add(() => plainParts.dispose());

    load().then(
      (module) => {
        if (this.#disposers.disposed) return;
        const editor = new module.MonacoEditor({
          ...options,
          language: this.#language,
          readOnly: this.#readOnly,
        });
        plainParts.dispose();
        this.#editor = editor;
        this.#disposers.add(() => editor.dispose());
        if (this.#wantsLine !== undefined) editor.reveal(this.#wantsLine);
        if (this.#wantsFocus !== undefined) editor.focus(this.#wantsFocus.at);
      },
      () => {
        const note = document.createElement("p");
        note.className = "code-editor-note";
        note.textContent =
          "The editor could not be loaded: this is the text as it is. Reload the page to edit it.";
        parent.prepend(note);
        this.#disposers.add(() => note.remove());
      },
    );
  }

  get hasFocus(): boolean {
    return this.#editor?.hasFocus ?? this.#wantsFocus !== undefined;
  }

  focus(at?: "start" | "end"): void {
    if (this.#editor === undefined) this.#wantsFocus = { at };
    else this.#editor.focus(at);
  }

  reveal(line: number): void {
    if (this.#editor === undefined) this.#wantsLine = line;
    else this.#editor.reveal(line);
  }

  setLanguage(language: string): void {
    this.#language = language;
    this.#editor?.setLanguage(language);
  }

  setReadOnly(readOnly: boolean): void {
    this.#readOnly = readOnly;
    this.#editor?.setReadOnly(readOnly);
  }

  layout(): void {
    this.#editor?.layout();
  }

  dispose(): void {
    this.#disposers.dispose();
    this.#options.parent.classList.remove("code-editor", "code-editor-auto");
  }
}

export const codeEditors: CodeEditorFactory = {
  create: (options) => new LazyEditor(options),
};
