// People of the project: who is here and who may come, what each may do; owners change that, remove, and invite.

import { useSignal } from "@preact/signals";
import { BadgeCheck, Mail, X } from "lucide-preact";
import { can, roles } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";
import { personColor } from "#core/room/person.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { TextField } from "#ui/kit/text-field.tsx";
import { RoleSelect } from "./role-select.tsx";
import { roleWords } from "./role-words.ts";
import { shownPeople, type SharingModel, type ShownPerson, type ShownSharing } from "./sharing-model.ts";

export interface SharePeopleProps {
  readonly sharing: ShownSharing;
  readonly role: Role;
  readonly self: string;
  readonly model: SharingModel;
  readonly canInvite: boolean;
}

export function SharePeople({ sharing, role, self, model, canInvite }: SharePeopleProps) {
  const manages = can(role, "manage");
  return (
    <section class="share-section" aria-labelledby="share-people">
      <header>
        <h3 id="share-people">People</h3>
      </header>
      <ul class="share-list" aria-label="People with access">
        {shownPeople(sharing).map((person) => (
          <PersonRow
            key={person.id}
            person={person}
            isSelf={person.id === self}
            manages={manages}
            model={model}
          />
        ))}
        {sharing.invitations.map(({ email, role: invited }) => (
          <li class="share-row" key={email}>
            <span class="share-mail" aria-hidden="true">
              <Mail size={14} />
            </span>
            <span class="share-what">
              <strong>{email}</strong>
              <span>Invited · {roleWords[invited].label}</span>
            </span>
            <IconButton
              icon={X}
              label={`Take back the invitation of ${email}`}
              onClick={() => void model.change({ type: "withdraw", email })}
            />
          </li>
        ))}
      </ul>
      {manages && canInvite ? <Invite model={model} /> : null}
    </section>
  );
}

interface PersonRowProps {
  readonly person: ShownPerson;
  readonly isSelf: boolean;
  readonly manages: boolean;
  readonly model: SharingModel;
}

function PersonRow({ person, isSelf, manages, model }: PersonRowProps) {
  const { id, name, role, here, verified, email, record } = person;
  const facts = [
    ...(email === undefined ? [] : [email]),
    role === "none" ? "was removed" : here ? "is here" : "not here now",
    ...(record?.fixed === true && role !== "none" && !verified ? ["set for this browser of theirs"] : []),
  ];
  const change = (value: string): void => {
    if (value === "link") void model.change({ type: "forget-person", person: id });
    else {
      const wanted = value === "none" ? value : roles.find((each) => each === value);
      if (wanted !== undefined) void model.change({ type: "set-person", person: id, role: wanted });
    }
  };
  return (
    <li class="share-row">
      <Avatar person={{ name, color: person.color ?? personColor(id) }} size={24} decorative />
      <span class="share-what">
        <strong>
          {isSelf ? `${name} (you)` : name}
          {verified ? (
            <BadgeCheck class="share-verified" size={14} aria-label="Signed in" data-tip="Signed in" />
          ) : null}
        </strong>
        <span>{facts.join(" · ")}</span>
      </span>
      {manages && !isSelf ? (
        <select
          class="share-select"
          aria-label={`What ${name} may do`}
          value={role}
          disabled={model.busy.value}
          onChange={(event) => change(event.currentTarget.value)}
        >
          {roles.map((each) => (
            <option key={each} value={each}>
              {roleWords[each].label}
            </option>
          ))}
          {record === undefined || (verified && role !== "none") ? null : (
            <option value="link">As the link says</option>
          )}
          <option value="none">{role === "none" ? "Removed" : "Remove"}</option>
        </select>
      ) : (
        <span class="share-role">{role === "none" ? "Removed" : roleWords[role].label}</span>
      )}
    </li>
  );
}

function Invite({ model }: { readonly model: SharingModel }) {
  const email = useSignal("");
  const role = useSignal<Role>("editor");
  const invite = async (): Promise<void> => {
    const done = await model.change({
      type: "invite",
      email: email.value.trim().toLowerCase(),
      role: role.value,
    });
    if (done) email.value = "";
  };
  return (
    <form
      class="share-invite"
      aria-label="Invite"
      onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}
    >
      <TextField
        label="Invite by e-mail: who signs in with this address needs no link"
        placeholder="name@example.org"
        value={email.value}
        maxLength={254}
        onInput={(value) => (email.value = value)}
      />
      <RoleSelect
        label="What they may do"
        offered={roles}
        value={role.value}
        onChange={(wanted) => (role.value = wanted)}
      />
      <Button submit disabled={model.busy.value || email.value.trim() === ""}>
        Invite
      </Button>
    </form>
  );
}
