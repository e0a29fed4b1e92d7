// One open file, shown as what it is: notebook, text, bytes, link; or what has become of it.

import type * as Y from "yjs";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { extension } from "#core/base/path.ts";
import { notebookName } from "#core/notebook/jupyter/name.ts";
import type { Entry, NodeId, NodeKind, Project } from "#core/project/project.ts";
import { Button } from "#ui/kit/button.tsx";
import { CaretHandover } from "#ui/kit/carry-caret.ts";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { onPrint } from "#ui/kit/printing.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { BytesView } from "./bytes-view.tsx";
import { DrawingPane } from "./drawing-pane.tsx";
import type { LiveSession } from "./live-session.ts";
import { printHead } from "./print-head.ts";
import { useTypedAside } from "./use-typed-aside.ts";
import type { WorkspaceModel } from "./workspace-model.ts";

export interface FileViewProps {
  readonly file: NodeId;
  /** It was deleted, and is not only away for a moment: then it stays as it is, and can be edited. */
  readonly gone: boolean;
  readonly visible: boolean;
  readonly live: LiveSession;
  readonly model: WorkspaceModel;
  readonly editors: CodeEditorFactory;
  readonly onDownload: (file: NodeId) => void;
  /** Makes a notebook of a Jupyter file. */
  readonly onImport: (file: NodeId) => void;
}

function touch(project: Project, file: NodeId): void {
  // A file in the trash keeps its time.
  if (project.entry(file) !== undefined) project.touch(file);
}

export function FileView(props: FileViewProps) {
  const { file, gone, visible, live, model, editors, onDownload, onImport } = props;
  const { project, blobs, awareness } = live.session;
  const version = useSignal(0);
  const kind = useRef<NodeKind | undefined>(undefined);
  const shown = useRef<Y.Text | undefined>(undefined);
  const last = useRef<Entry | undefined>(undefined);
  const root = useRef<HTMLDivElement>(null);
  const handover = useMemo(() => new CaretHandover(), [file]);
  const aside = useTypedAside(project, file, () => root.current?.querySelector(".text-pane") ?? null);
  // Before the next drawing: what is typed then belongs to what is drawn.
  useLayoutEffect(
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
  const present = project.entry(file);
  kind.current = present?.kind;
  if (present !== undefined || gone) last.current = present;
  const entry = last.current;
  const name = entry?.name ?? project.trashed().find((each) => each.id === file)?.name ?? "This file";
  const typing = aside.current(entry?.kind === "bytes");
  const text = typing?.text ?? project.text(file);
  shown.current = project.text(file);
  const notebook = project.notebook(file);
  const path = entry === undefined ? name : project.path(file);
  useEffect(
    () =>
      onPrint(() => {
        const view = root.current;
        return view === null || !visible ? () => undefined : printHead(view, path, live.name.peek());
      }),
    [path, visible, live],
  );

  return (
    <div class="file-view" ref={root}>
      {gone ? <Gone live={live} file={file} name={name} /> : null}
      {typing === undefined ? null : (
        <div class="file-gone" role="status">
          <span>
            A program made “{name}” something other than text. What you type is kept here, and put into the
            file when it is text again.
          </span>
          <Button
            kind="plain"
            onClick={() => {
              aside.end();
              version.value += 1;
            }}
          >
            Show the file
          </Button>
        </div>
      )}
      {isJupyterFile(entry) && !gone && live.writable ? (
        <JupyterOffer project={project} entry={entry} model={model} onImport={onImport} />
      ) : null}
      <div class="file-content">
        {notebook !== undefined ? (
          model.features.value.map((feature) =>
            feature.notebooks?.({ file, name, notebook, gone, visible, goal: focus.value, handover }),
          )
        ) : text !== undefined ? (
          <DrawingPane
            drawing={extension(name) === ".svg"}
            file={file}
            name={name}
            text={text}
            readOnly={!live.writable || gone}
            editors={editors}
            awareness={awareness}
            focus={focus.value}
            handover={handover}
            onTouch={(id) => {
              if (typing === undefined) touch(project, id);
            }}
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

function isJupyterFile(entry: Entry | undefined): entry is Entry {
  return (entry?.kind === "text" || entry?.kind === "bytes") && extension(entry.name) === ".ipynb";
}

/** What this file is, and the notebook that can be made of it, or was. */
function JupyterOffer(props: {
  readonly project: Project;
  readonly entry: Entry;
  readonly model: WorkspaceModel;
  readonly onImport: (file: NodeId) => void;
}) {
  const { project, entry, model, onImport } = props;
  const made = project.lookup(entry.parent, notebookName(entry.name));
  return (
    <div class="file-offer" role="group" aria-label="Jupyter notebook">
      <span>
        This is the source of a Jupyter notebook. A notebook made of it runs here, and can be exported again.
      </span>
      {made === undefined ? null : (
        <Button kind="plain" onClick={() => model.open(made.id, true)}>
          Open {made.name}
        </Button>
      )}
      <Button kind="plain" onClick={() => onImport(entry.id)}>
        {made === undefined ? "Open as notebook" : "Open as another notebook"}
      </Button>
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
