// Who may do what in the project: a link to hand on, all links, and people. Offers what one's role allows, no more.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { can, grantable } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";
import { Dialog } from "#ui/kit/dialog.tsx";
import { CopyButton } from "./copy-button.tsx";
import { RoleSelect } from "./role-select.tsx";
import { roleWords } from "./role-words.ts";
import { ShareLinks } from "./share-links.tsx";
import { SharePeople } from "./share-people.tsx";
import type { SharingModel } from "./sharing-model.ts";
import "./sharing.css";

export interface ShareDialogProps {
  /** One's own role: nobody hands on more than they have. */
  readonly role: Role;
  /** One's own id. */
  readonly self: string;
  readonly model: SharingModel;
  /** People can sign in here, so an address can be invited. */
  readonly canInvite: boolean;
  readonly onClose: () => void;
}

export function ShareDialog({ role, self, model, canInvite, onClose }: ShareDialogProps) {
  useEffect(() => void model.load(), [model, role]);
  const sharing = model.sharing.value;
  const mayShare = can(role, "share");
  return (
    <Dialog title="Share" onClose={onClose}>
      <div class="share">
        {mayShare ? (
          <QuickLink role={role} model={model} />
        ) : (
          <p>You may pass on the link that you came with: it is in the address bar.</p>
        )}
        {model.problem.value === undefined ? null : (
          <p class="share-problem" role="alert">
            {model.problem.value}
          </p>
        )}
        {sharing === undefined && model.problem.value === undefined ? (
          <p class="share-hint" role="status">
            Looking up links and people…
          </p>
        ) : null}
        {mayShare && sharing !== undefined ? (
          <ShareLinks sharing={sharing} role={role} model={model} />
        ) : null}
        {sharing === undefined ? null : (
          <SharePeople sharing={sharing} role={role} self={self} model={model} canInvite={canInvite} />
        )}
      </div>
    </Dialog>
  );
}

/** The link that most people want: choose what it lets do, copy it. */
function QuickLink({ role, model }: { readonly role: Role; readonly model: SharingModel }) {
  // An owner's link is made on purpose, below.
  const offered = grantable(role).filter((each) => each !== "owner");
  const chosen = useSignal<Role>("editor");
  const wanted = chosen.value;
  return (
    <div class="share-quick">
      <label>
        <span>Whoever has the link</span>
        <RoleSelect
          label="Whoever has the link"
          offered={offered}
          value={wanted}
          onChange={(role) => (chosen.value = role)}
        />
      </label>
      <CopyButton primary label="Copy link" find={() => model.standardLink(wanted)} />
      <p class="share-hint">{roleWords[wanted].text}</p>
    </div>
  );
}
