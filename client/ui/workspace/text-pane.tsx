// A text file in the code editor, for as long as its tab is open.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type * as Y from "yjs";
import type { Awareness } from "y-protocols/awareness";
import type { NodeId } from "#core/project/project.ts";
import type { CaretHandover } from "#ui/kit/carry-caret.ts";
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
  /** Gives the caret over where the file becomes something else that is edited. */
  readonly handover: CaretHandover;
  readonly onTouch: (file: NodeId) => void;
}

export function TextPane(props: TextPaneProps) {
  const { file, name, text, readOnly, editors, awareness, focus, onTouch } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor | undefined>(undefined);
  const language = languageOf(name);
  const latest = useRef(props);
  latest.current = props;

  // In the task of what opens it: keys that are typed meanwhile belong to it.
  useLayoutEffect(() => {
    const parent = host.current;
    if (parent === null) return undefined;
    const created = editors.create({
      parent,
      text: latest.current.text,
      language: languageOf(latest.current.name),
      label: latest.current.name,
      readOnly: latest.current.readOnly,
      awareness,
      place: { node: file },
    });
    editor.current = created;
    const arriving = latest.current.handover.take();
    if (arriving !== undefined) created.focus(arriving);
    return () => {
      latest.current.handover.leave(created.caret);
      editor.current = undefined;
      created.dispose();
    };
    // Text, name, language and write access change in place: an editor outlives them.
  }, [editors, file, awareness]);

  useLayoutEffect(() => editor.current?.setText(text), [text]);
  useLayoutEffect(() => editor.current?.setLabel(name), [name]);
  useLayoutEffect(() => editor.current?.setLanguage(language), [language]);
  useLayoutEffect(() => editor.current?.setReadOnly(readOnly), [readOnly]);
  // In the same task as well: a moment later the keyboard may be elsewhere.
  useLayoutEffect(() => {
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
