// Sharing as a feature of the workspace: a button, a command, a dialog.

import type { ReadonlySignal } from "@preact/signals";
import { Share2 } from "lucide-preact";
import type { Role } from "#core/auth/role.ts";
import { Button } from "#ui/kit/button.tsx";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { ShareDialog } from "./share-dialog.tsx";
import { SharingModel, type AskSharing } from "./sharing-model.ts";

export interface SharingOptions {
  readonly shell: Shell;
  readonly ask: AskSharing;
  readonly role: ReadonlySignal<Role>;
  /** One's own id. */
  readonly self: () => string;
  /** People can sign in here, so an address can be invited. */
  readonly canInvite: () => boolean;
}

export function sharingFeature({ shell, ask, role, self, canInvite }: SharingOptions): Feature {
  const model = new SharingModel(ask);
  const open = (): void => shell.openDialog("share");
  return {
    commands: () => [{ id: "share", label: "Share", icon: Share2, run: open }],
    action: () => (
      <Button kind="primary" icon={Share2} onClick={open}>
        Share
      </Button>
    ),
    dialogs: {
      share: (close) => (
        <ShareDialog role={role.value} self={self()} model={model} canInvite={canInvite()} onClose={close} />
      ),
    },
  };
}
