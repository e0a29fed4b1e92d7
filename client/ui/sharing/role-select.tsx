// Chooses a role from those that one may give.

import type { Role } from "#core/auth/role.ts";
import { roleWords } from "./role-words.ts";

export interface RoleSelectProps {
  readonly label: string;
  readonly offered: readonly Role[];
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

export function RoleSelect({ label, offered, value, onChange }: RoleSelectProps) {
  return (
    <select
      class="share-select"
      aria-label={label}
      value={value}
      onChange={(event) => {
        const wanted = offered.find((each) => each === event.currentTarget.value);
        if (wanted !== undefined) onChange(wanted);
      }}
    >
      {offered.map((each) => (
        <option key={each} value={each}>
          {roleWords[each].label}
        </option>
      ))}
    </select>
  );
}
