// Keeping a project for offline as a feature of the workspace: a command, a dialog.

import type { ReadonlySignal } from "@preact/signals";
import { HardDriveDownload } from "lucide-preact";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { OfflineDialog } from "./offline-dialog.tsx";
import type { OfflineModel } from "./offline-model.ts";

export interface OfflineOptions {
  readonly shell: Shell;
  readonly model: OfflineModel;
  /** The project's document is kept in this browser. */
  readonly projectKept: ReadonlySignal<boolean>;
}

export function offlineFeature({ shell, model, projectKept }: OfflineOptions): Feature {
  return {
    commands: () => [
      {
        id: "offline",
        label: "Keep everything for offline",
        icon: HardDriveDownload,
        run: () => shell.openDialog("offline"),
      },
    ],
    dialogs: {
      offline: (close) => <OfflineDialog model={model} projectKept={projectKept} onClose={close} />,
    },
  };
}
