// A text file in the code editor, for as long as its tab is open.

import { useEffect, useRef } from "preact/hooks";
import type * as Y from "yjs";
import type { Awareness } from "y-protocols/awareness";
import type { NodeId } from "#core/project/project.ts";
import type { CodeEditor, CodeEditorFactory } from "#ui/kit/code-editor.ts";
import { languageOf } from "#ui/kit/language.ts";

/** Milliseconds after the last keystroke before the file's time says so: programs such as make look at it. */
const touchDelay = 800;

export interface TextPaneProps {
  readonly file: NodeId;
  readonly name: string;
  readonly text: Y.Text;
  readonly readOnly: boolean;
  readonly editors: CodeEditorFactory;
  readonly awareness: Awareness;
  /** A new object asks for the keyboard focus, and to show a line. */
  readonly focus: { readonly line?: number; readonly keepFocus?: boolean } | undefined;
  readonly onTouch: (file: NodeId) => void;
}

export function TextPane(props: TextPaneProps) {
  const { file, name, text, readOnly, editors, awareness, focus, onTouch } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor | undefined>(undefined);
  const language = languageOf(name);

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return undefined;
    const created = editors.create({
      parent,
      text,
      language,
      label: name,
      readOnly,
      awareness,
      place: { node: file },
    });
    editor.current = created;
    return () => {
      editor.current = undefined;
      created.dispose();
    };
    // Language and write access change in place, below.
  }, [editors, text, file, name, awareness]);

  useEffect(() => editor.current?.setLanguage(language), [language]);
  useEffect(() => editor.current?.setReadOnly(readOnly), [readOnly]);
  useEffect(() => {
    if (focus === undefined) return;
    if (focus.line !== undefined) editor.current?.reveal(focus.line);
    if (focus.keepFocus !== true) editor.current?.focus();
  }, [focus]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onText = (_event: Y.YTextEvent, transaction: Y.Transaction): void => {
      // What came from elsewhere, the guest included, has set the time itself.
      if (!transaction.local) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        onTouch(file);
      }, touchDelay);
    };
    text.observe(onText);
    return () => {
      text.unobserve(onText);
      if (timer === undefined) return;
      clearTimeout(timer);
      onTouch(file);
    };
  }, [text, file, onTouch]);

  return <div class="text-pane" ref={host} />;
}
