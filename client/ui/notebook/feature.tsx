// Notebooks as a feature of the workspace: how an open one is drawn, and in which cell this person is.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Awareness } from "y-protocols/awareness";
import type { NodeId } from "#core/project/project.ts";
import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import type { CodeEditorFactory } from "#ui/kit/code-editor.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import type { OutputBlobs } from "./display/display-view.tsx";
import type { NotebookRuns } from "./notebook-runs.ts";
import { NotebookView } from "./notebook-view.tsx";

export interface NotebookOptions {
  readonly shell: Shell;
  readonly runs: NotebookRuns;
  readonly awareness: Awareness;
  readonly blobs: OutputBlobs;
  readonly editors: CodeEditorFactory;
  readonly mayEdit: () => boolean;
  readonly mayRun: () => boolean;
  /** The others, by the cell that they are in. */
  readonly visitors: ReadonlySignal<ReadonlyMap<string, readonly AvatarPerson[]>>;
}

export function notebookFeature(options: NotebookOptions): Feature {
  const { shell, runs, awareness, blobs, editors, mayEdit, mayRun, visitors } = options;
  const entered = signal<{ readonly file: NodeId; readonly cell: string } | undefined>(undefined);
  return {
    notebooks: ({ file, name, notebook, gone, goal, handover }) => (
      <NotebookView
        key={file}
        notebook={notebook}
        name={name}
        node={file}
        runs={runs}
        awareness={awareness}
        blobs={blobs}
        createEditor={editors}
        canEdit={mayEdit() && !gone}
        canRun={mayRun()}
        visitors={visitors.value}
        goal={goal}
        handover={handover}
        onCell={(cell) => (entered.value = { file, cell })}
      />
    ),
    presence: computed(() => {
      const place = entered.value;
      return place === undefined || place.file !== shell.active.value ? {} : { where: { cell: place.cell } };
    }),
  };
}
