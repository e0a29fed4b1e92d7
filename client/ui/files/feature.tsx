// The tree of files as a feature of the workspace: a view of the sidebar, commands that make and move files.

import type { ReadonlySignal } from "@preact/signals";
import { Download, FilePlus, FolderPlus, FolderUp, NotebookPen, Upload } from "lucide-preact";
import { rootId, type NodeId } from "#core/project/project.ts";
import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import type { Command, Feature, Shell } from "#ui/kit/feature.ts";
import type { NewKind } from "./file-rows.ts";
import { FileTree } from "./file-tree.tsx";
import type { FilesModel } from "./files-model.ts";

export interface FilesOptions {
  readonly shell: Shell;
  readonly model: FilesModel;
  /** The project has been read. */
  readonly ready: ReadonlySignal<boolean>;
  /** Colleagues by the file they are in. */
  readonly present: ReadonlySignal<ReadonlyMap<NodeId, readonly AvatarPerson[]>>;
}

export function filesFeature({ shell, model, ready, present }: FilesOptions): Feature {
  const create = (kind: NewKind) => () => {
    shell.showSidebar("files");
    model.beginCreate(kind);
  };
  const changes = (): readonly Command[] => [
    { id: "new-file", label: "New file", icon: FilePlus, run: create("text") },
    { id: "new-notebook", label: "New notebook", icon: NotebookPen, run: create("notebook") },
    { id: "new-folder", label: "New folder", icon: FolderPlus, run: create("dir") },
    { id: "upload", label: "Upload files", icon: Upload, run: () => model.upload(false) },
    { id: "upload-folder", label: "Upload a folder", icon: FolderUp, run: () => model.upload(true) },
  ];
  return {
    commands: () => [
      ...(model.writable ? changes() : []),
      {
        id: "download",
        label: "Download the project",
        icon: Download,
        run: () => void model.transfers.download(rootId),
      },
    ],
    sidebar: {
      name: "files",
      draw: () => (
        <FileTree
          model={model}
          ready={ready.value}
          active={shell.active.value}
          present={present.value}
          onSearch={() => shell.run("search")}
        />
      ),
    },
    dispose: () => model.dispose(),
  };
}
