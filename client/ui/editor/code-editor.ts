// The code editor of the interface on Monaco: legible at once as plain text, an editor as soon as it is in sight
// and Monaco has loaded. A notebook of a hundred cells costs as many editors as one looks at.

import { effect, signal } from "@preact/signals";
import { DisposerStack } from "#core/base/disposable.ts";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import type { CodeEditor, CodeEditorFactory, CodeEditorOptions } from "#ui/kit/code-editor.ts";
import { isComposing } from "#ui/kit/keys.ts";
import { onPrint } from "#ui/kit/printing.ts";
import { inTurn, nextTurn } from "#ui/kit/turns.ts";
import type * as Y from "yjs";
import type * as MonacoModule from "./monaco-editor.ts";
import { printedCode } from "./printed-code.ts";
import type { Colourer } from "./printed-code.ts";
import "./code-editor.css";

/** How far outside the window an editor is made already. */
const nearby = "400px 0px";

/** Milliseconds after which a load that failed is tried again; sooner where the browser says that the line is back. */
const retryTime = 2000;

/** One load for all editors of the page. */
let loading: Promise<typeof MonacoModule> | undefined;
/** Colours what is printed, once Monaco is there. */
let colours: Colourer | undefined;
/** It, once it is there. */
let loaded: typeof MonacoModule | undefined;
/** Monaco's files cannot be had now. */
const missing = signal(false);

function load(): Promise<typeof MonacoModule> {
  loading ??= loadAtLast();
  return loading;
}

/** The server may be away just when the files are wanted: whoever waits gets them when it is back. */
async function loadAtLast(): Promise<typeof MonacoModule> {
  for (;;) {
    try {
      const module = await loadInSteps();
      loaded = module;
      missing.value = false;
      return module;
    } catch {
      missing.value = true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(again, retryTime);
        function again(): void {
          clearTimeout(timer);
          removeEventListener("online", again);
          resolve();
        }
        addEventListener("online", again);
      });
    }
  }
}

/** Monaco's modules take a tenth of a second to evaluate: in parts, each in a task of its own. */
async function loadInSteps(): Promise<typeof MonacoModule> {
  await import("./monaco-core.ts");
  await nextTurn();
  await import("./monaco-features.ts");
  await nextTurn();
  const module = await import("./monaco-editor.ts");
  colours = module.colourer;
  for (const step of module.warmUp) {
    await nextTurn();
    step();
  }
  await nextTurn();
  return module;
}

/** Fetches Monaco ahead of the first editor. */
export function preloadEditor(): void {
  void load();
}

class LazyEditor implements CodeEditor {
  readonly #options: CodeEditorOptions;
  readonly #disposers = new DisposerStack();
  readonly #plainParts = new DisposerStack();
  readonly #plain = document.createElement("pre");
  #language: string;
  #readOnly: boolean;
  #needed = false;
  #editor: MonacoModule.MonacoEditor | undefined;
  #wantsFocus: { readonly at: "start" | "end" | CaretIn | undefined } | undefined;
  /** What was typed before the editor was there. */
  #early = "";
  #text: Y.Text;
  #label: string;
  #wantsLine: number | undefined;

  constructor(options: CodeEditorOptions) {
    this.#options = options;
    this.#language = options.language;
    this.#readOnly = options.readOnly ?? false;
    this.#text = options.text;
    this.#label = options.label;
    options.parent.classList.add("code-editor");
    options.parent.classList.toggle("code-editor-auto", options.autoHeight === true);
    this.#showPlain();
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.#need();
      },
      { rootMargin: nearby },
    );
    observer.observe(options.parent);
    this.#plainParts.add(() => observer.disconnect());
    this.#disposers.add(() => this.#plainParts.dispose());
    this.#disposers.add(onPrint(() => this.#print()));
  }

  get hasFocus(): boolean {
    return this.#editor?.hasFocus ?? this.#wantsFocus !== undefined;
  }

  get caret(): CaretIn | undefined {
    return this.#editor?.caret;
  }

  focus(at?: "start" | "end" | CaretIn): void {
    this.#wantsFocus = { at };
    if (this.#editor !== undefined) this.#editor.focus(at);
    else if (loaded !== undefined) this.#make(loaded);
    else {
      this.#need();
      if (document.activeElement !== this.#plain) this.#plain.focus();
    }
  }

  setText(text: Y.Text): void {
    if (text === this.#text) return;
    const before = this.#text;
    this.#text = text;
    if (this.#editor !== undefined) {
      this.#editor.setText(text);
      return;
    }
    before.unobserve(this.#fillPlain);
    text.observe(this.#fillPlain);
    this.#fillPlain();
  }

  setLabel(label: string): void {
    this.#label = label;
    this.#plain.setAttribute("aria-label", label);
    this.#editor?.setLabel(label);
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

  /** All lines, beside the editor that shows those in sight; until the returned function is called. */
  #print(): () => void {
    const { parent } = this.#options;
    // A tab that is not in front is not printed.
    if (parent.offsetParent === null) return () => undefined;
    const printed = printedCode(this.#text.toJSON(), this.#language, colours);
    parent.append(printed);
    return () => printed.remove();
  }

  readonly #fillPlain = (): void => {
    this.#plain.textContent = `${this.#text.toJSON()}\n`;
  };

  /** The text as it is, where the editor will draw it; whoever goes there gets the editor. */
  #showPlain(): void {
    const { parent, label } = this.#options;
    const plain = this.#plain;
    plain.className = "code-editor-plain";
    plain.tabIndex = 0;
    plain.setAttribute("role", "textbox");
    plain.setAttribute("aria-multiline", "true");
    plain.setAttribute("aria-label", label);
    this.#fillPlain();
    this.#text.observe(this.#fillPlain);
    const onFocus = (): void => {
      if (this.#wantsFocus === undefined) this.focus();
    };
    const onBlur = (): void => {
      this.#wantsFocus = undefined;
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || this.#readOnly || isComposing(event)) return;
      if (event.key === "Backspace") this.#early = this.#early.slice(0, -1);
      else if (event.key === "Enter" && !event.shiftKey) this.#early += "\n";
      else if (event.key.length === 1) this.#early += event.key;
      else return;
      // The editor types it as soon as it is there.
      event.preventDefault();
      event.stopPropagation();
    };
    plain.addEventListener("focus", onFocus);
    plain.addEventListener("blur", onBlur);
    plain.addEventListener("keydown", onKey);
    parent.append(plain);
    this.#plainParts.add(() => this.#text.unobserve(this.#fillPlain));
    this.#plainParts.add(() => {
      plain.removeEventListener("focus", onFocus);
      plain.removeEventListener("blur", onBlur);
      plain.removeEventListener("keydown", onKey);
      plain.remove();
    });
  }

  #need(): void {
    if (this.#needed) return;
    this.#needed = true;
    this.#plainParts.add(effect(() => (missing.value ? this.#explain() : undefined)));
    void load().then((module) => {
      if (this.#wantsFocus === undefined) this.#disposers.add(inTurn(() => this.#make(module)));
      else this.#make(module);
    });
  }

  #make(module: typeof MonacoModule): void {
    if (this.#disposers.disposed || this.#editor !== undefined) return;
    const editor = new module.MonacoEditor({
      ...this.#options,
      text: this.#text,
      label: this.#label,
      language: this.#language,
      readOnly: this.#readOnly,
    });
    this.#editor = editor;
    this.#disposers.add(() => editor.dispose());
    if (this.#wantsLine !== undefined) editor.reveal(this.#wantsLine);
    if (this.#wantsFocus !== undefined) editor.focus(this.#wantsFocus.at);
    if (this.#early !== "") editor.type(this.#early);
    this.#plainParts.dispose();
  }

  /** Shown until the returned function is called. */
  #explain(): () => void {
    const note = document.createElement("p");
    note.className = "code-editor-note";
    note.setAttribute("role", "alert");
    note.textContent =
      "The editor has not arrived yet: this is the text as it is. It can be edited as soon as the server can be reached.";
    this.#options.parent.prepend(note);
    return () => note.remove();
  }
}

export const codeEditors: CodeEditorFactory = {
  create: (options) => new LazyEditor(options),
};
