// One open file, shown as what it is: notebook, text, bytes, link; or what has become of it.

import type * as Y from "yjs";
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { extension } from "#core/base/path.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { Entry, NodeId, NodeKind, Project } from "#core/project/project.ts";
import { Button } from "#ui/kit/button.tsx";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { BytesView } from "./bytes-view.tsx";
import { DrawingPane } from "./drawing-pane.tsx";
import type { LiveSession } from "./live-session.ts";
import { TextPane } from "./text-pane.tsx";
import type { WorkspaceModel } from "./workspace-model.ts";

/** Draws a notebook: the composition root knows how. */
export type RenderNotebook = (options: {
  readonly file: NodeId;
  readonly name: string;
  readonly notebook: Notebook;
  /** False while another tab is in front. */
  readonly visible: boolean;
  /** A new object asks to go to that cell. */
  readonly goal: { readonly cell?: string } | undefined;
}) => ComponentChildren;

export interface FileViewProps {
  readonly file: NodeId;
  readonly visible: boolean;
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
  readonly editors: CodeEditorFactory;
  readonly renderNotebook: RenderNotebook;
  readonly onDownload: (file: NodeId) => void;
}

function touch(project: Project, file: NodeId): void {
  // A file in the trash keeps its time.
  if (project.entry(file) !== undefined) project.touch(file);
}

export function FileView(props: FileViewProps) {
  const { file, visible, live, model, editors, renderNotebook, onDownload } = props;
  const { project, blobs, awareness } = live.session;
  const version = useSignal(0);
  const kind = useRef<NodeKind | undefined>(undefined);
  const shown = useRef<Y.Text | undefined>(undefined);
  useEffect(
    () =>
      project.changes.on((change) => {
        // Keystrokes are the editors' matter: here counts what kind of file it is, its name, its blob.
        // A file that two people converted at once may get another text of the same kind.
        const replaced =
          change.nodes.has(file) &&
          (project.text(file) === undefined || project.text(file) !== shown.current);
        if (change.directories.size > 0 || replaced || project.entry(file)?.kind !== kind.current)
          version.value += 1;
      }),
    [project, file, version],
  );
  const focus = useComputed(() =>
    model.focusRequest.value?.file === file ? model.focusRequest.value : undefined,
  );
  void version.value;
  const entry = project.entry(file);
  kind.current = entry?.kind;
  const name = entry?.name ?? project.trashed().find((each) => each.id === file)?.name ?? "This file";
  const text = project.text(file);
  shown.current = text;
  const notebook = project.notebook(file);
  const Pane = extension(name) === ".svg" ? DrawingPane : TextPane;

  return (
    <div class="file-view">
      {entry === undefined ? <Gone live={live} file={file} name={name} /> : null}
      <div class="file-content">
        {notebook !== undefined ? (
          renderNotebook({ file, name, notebook, visible, goal: focus.value })
        ) : text !== undefined ? (
          <Pane
            file={file}
            name={name}
            text={text}
            readOnly={!live.writable || entry === undefined}
            editors={editors}
            awareness={awareness}
            focus={focus.value}
            onTouch={(id) => touch(project, id)}
          />
        ) : entry === undefined ? null : entry.kind === "symlink" ? (
          <LinkView project={project} entry={entry} model={model} />
        ) : (
          <BytesView
            project={project}
            blobs={blobs}
            entry={entry}
            hash={project.blob(file)?.hash ?? ""}
            online={live.connection.value.kind === "online"}
            onDownload={() => onDownload(file)}
          />
        )}
      </div>
    </div>
  );
}

function Gone({
  live,
  file,
  name,
}: {
  readonly live: LiveSession;
  readonly file: NodeId;
  readonly name: string;
}) {
  const { project } = live.session;
  const trashed = project.trashed().find((each) => each.id === file);
  const by = trashed?.by === undefined ? "" : ` by ${trashed.by}`;
  return (
    <div class="file-gone" role="status">
      <span>
        “{name}” was deleted{by}.{trashed === undefined ? "" : " You can still read it."}
      </span>
      {live.writable && trashed !== undefined ? (
        <Button
          kind="plain"
          onClick={() => {
            try {
              project.restore(file);
            } catch (error) {
              toast({ message: explainFileError(error, name), problem: true });
            }
          }}
        >
          Restore
        </Button>
      ) : null}
    </div>
  );
}

function LinkView(props: {
  readonly project: Project;
  readonly entry: Entry;
  readonly model: WorkspaceModel;
}) {
  const { project, entry, model } = props;
  const target = project.target(entry.id) ?? "";
  const path = target.startsWith("/")
    ? target.replace(/^\/project\//, "")
    : `${project.path(entry.parent)}/${target}`;
  const there = target.startsWith("/") && !target.startsWith("/project/") ? undefined : project.resolve(path);
  return (
    <div class="bytes-view">
      <p>
        A link to <code>{target}</code>
      </p>
      {there === undefined || there.kind === "dir" ? null : (
        <Button onClick={() => model.open(there.id, true)}>Open it</Button>
      )}
    </div>
  );
}
