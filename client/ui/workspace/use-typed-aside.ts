// Keeps the editor of a text file open for the one who types in it when the file becomes bytes.

import { useEffect, useMemo, useRef } from "preact/hooks";
import type * as Y from "yjs";
import { rootId, type NodeId, type Project } from "#core/project/project.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { asideName, TypedAside } from "./typed-aside.ts";

class AsideKeeper {
  readonly #project: Project;
  readonly #file: NodeId;
  readonly #editor: () => Element | null;
  /** The file's text, when it was last drawn as one. */
  #text: Y.Text | undefined;
  #aside: TypedAside | undefined;

  constructor(project: Project, file: NodeId, editor: () => Element | null) {
    this.#project = project;
    this.#file = file;
    this.#editor = editor;
  }

  /** Called at every drawing, with whether the file is bytes: what the person goes on to type in, if anything. */
  current(bytes: boolean): TypedAside | undefined {
    if (!bytes) {
      this.#text = this.#project.text(this.#file);
      return undefined;
    }
    const editor = this.#editor();
    if (
      this.#aside === undefined &&
      this.#text !== undefined &&
      editor?.contains(document.activeElement) === true
    )
      this.#aside = new TypedAside(this.#text.toJSON());
    this.#text = undefined;
    return this.#aside;
  }

  /** The file may be text again. */
  follow(): void {
    const text = this.#project.text(this.#file);
    if (this.#aside === undefined || text === undefined) return;
    const aside = this.#aside;
    this.#aside = undefined;
    if (!aside.typed) return;
    aside.mergeInto(text);
    toast({ message: "The file is text again; what you typed meanwhile is in it" });
  }

  /** The person does not go on. What was typed is kept as a file beside this one. */
  end(): void {
    const aside = this.#aside;
    this.#aside = undefined;
    if (aside?.typed !== true) return;
    const project = this.#project;
    const entry = project.entry(this.#file);
    const parent = entry?.parent ?? rootId;
    const old = entry?.name ?? "text.txt";
    const name = asideName(old, (wanted) => project.lookup(parent, wanted) !== undefined);
    try {
      project.createText(parent, name, aside.text.toJSON());
      toast({ message: `What you typed into “${old}” is kept in “${name}”` });
    } catch (error) {
      toast({ message: explainFileError(error, name), problem: true });
    }
  }
}

export function useTypedAside(
  project: Project,
  file: NodeId,
  editor: () => Element | null,
): Pick<AsideKeeper, "current" | "end"> {
  const find = useRef(editor);
  find.current = editor;
  const keeper = useMemo(() => new AsideKeeper(project, file, () => find.current()), [project, file]);
  useEffect(() => {
    const stop = project.changes.on(() => keeper.follow());
    return () => {
      stop();
      keeper.end();
    };
  }, [project, keeper]);
  return keeper;
}
