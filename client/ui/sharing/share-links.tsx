// The project's links: what each lets people do, for how long, who made it; new ones; and, for owners, their end.

import { useSignal } from "@preact/signals";
import { Ban, Ellipsis, Plus } from "lucide-preact";
import { useRef } from "preact/hooks";
import { can, grantable } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { TextField } from "#ui/kit/text-field.tsx";
import { RoleSelect } from "./role-select.tsx";
import { CopyButton } from "./copy-button.tsx";
import { ends, endWords, linkFacts, linkName } from "./share-words.ts";
import type { SharingModel, ShownLink, ShownSharing } from "./sharing-model.ts";

export interface ShareLinksProps {
  readonly sharing: ShownSharing;
  readonly role: Role;
  readonly model: SharingModel;
}

export function ShareLinks({ sharing, role, model }: ShareLinksProps) {
  const making = useSignal(false);
  return (
    <section class="share-section" aria-labelledby="share-links">
      <header>
        <h3 id="share-links">Links</h3>
        {making.value ? null : (
          <Button kind="quiet" icon={Plus} onClick={() => (making.value = true)}>
            New link
          </Button>
        )}
      </header>
      {making.value ? <NewLink role={role} model={model} onDone={() => (making.value = false)} /> : null}
      {sharing.links.length === 0 ? (
        <p class="share-hint">There is none yet.</p>
      ) : (
        <ul class="share-list" aria-label="Links">
          {sharing.links.map((link) => (
            <LinkRow key={link.id} link={link} role={role} model={model} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface LinkRowProps {
  readonly link: ShownLink;
  readonly role: Role;
  readonly model: SharingModel;
}

function LinkRow({ link, role, model }: LinkRowProps) {
  const open = useSignal(false);
  const name = linkName(link);
  const manages = can(role, "manage");
  const change = (more: { role?: Role; expires?: number | null }): void =>
    void model.change({ type: "change-link", link: link.id, ...more });
  return (
    <li class="share-row">
      <span class="share-what">
        <strong>{name}</strong>
        <span>{linkFacts(link, Date.now())}</span>
      </span>
      <CopyButton label={`Copy the link ${name}`} find={() => Promise.resolve(link.url)} />
      {manages ? (
        <IconButton
          icon={Ellipsis}
          label={`Change the link ${name}`}
          expanded={open.value}
          onClick={() => (open.value = !open.value)}
        />
      ) : null}
      {manages && open.value ? (
        <div class="share-change" role="group" aria-label={`The link ${name}`}>
          <RoleSelect
            label="Whoever has it"
            offered={grantable(role)}
            value={link.role}
            onChange={(wanted) => change({ role: wanted })}
          />
          <select
            class="share-select"
            aria-label="Its end"
            value=""
            onChange={(event) => {
              const { value } = event.currentTarget;
              if (value !== "") change({ expires: value === "never" ? null : inDays(Number(value)) });
            }}
          >
            <option value="">{endWords(link, Date.now())}</option>
            {ends.map(({ label, days }) => (
              <option key={label} value={days ?? "never"}>
                {label}
              </option>
            ))}
          </select>
          <Button
            kind="danger"
            icon={Ban}
            title="Whoever came with it has to leave"
            disabled={model.busy.value}
            onClick={() => void model.change({ type: "revoke-link", link: link.id })}
          >
            Withdraw
          </Button>
        </div>
      ) : null}
    </li>
  );
}

function NewLink(props: { readonly role: Role; readonly model: SharingModel; readonly onDone: () => void }) {
  const { role, model, onDone } = props;
  const chosen = useSignal<Role>("viewer");
  const label = useSignal("");
  const days = useSignal("");
  const form = useRef<HTMLFormElement>(null);
  const make = async (): Promise<void> => {
    const last = days.value === "" ? {} : { expires: inDays(Number(days.value)) };
    const request = { type: "make-link", role: chosen.value, label: label.value.trim(), ...last } as const;
    if (await model.change(request)) onDone();
  };
  return (
    <form
      class="share-new"
      ref={form}
      aria-label="New link"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <TextField
        label="For whom (only shown here)"
        placeholder="Class of Monday"
        value={label.value}
        maxLength={80}
        onInput={(value) => (label.value = value)}
      />
      <label class="share-choice">
        <span>Whoever has it</span>
        <RoleSelect
          label="Whoever has it"
          offered={grantable(role)}
          value={chosen.value}
          onChange={(wanted) => (chosen.value = wanted)}
        />
      </label>
      <label class="share-choice">
        <span>Ends</span>
        <select
          class="share-select"
          value={days.value}
          onChange={(event) => (days.value = event.currentTarget.value)}
        >
          {ends.map((end) => (
            <option key={end.label} value={end.days ?? ""}>
              {end.label}
            </option>
          ))}
        </select>
      </label>
      <div class="share-buttons">
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
        <Button kind="primary" submit disabled={model.busy.value}>
          Make link
        </Button>
      </div>
    </form>
  );
}

function inDays(days: number): number {
  return Date.now() + days * 86_400_000;
}
