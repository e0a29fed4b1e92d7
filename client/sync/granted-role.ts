// What the room lets us do, which changes when links or people do.

import { can, type Role } from "#core/auth/role.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";

export class GrantedRole {
  readonly #changed = new Emitter<Role>();
  readonly #expected: Role;
  #told: Role | undefined;

  /** `expected`: holds until the room says what one may; who knows nothing keeps what they change. */
  constructor(expected: Role = "owner") {
    this.#expected = expected;
  }

  /** Undefined until the room has let us in. */
  get told(): Role | undefined {
    return this.#told;
  }

  /** As far as is known. */
  get mayEdit(): boolean {
    return can(this.#told ?? this.#expected, "edit");
  }

  tell(role: Role): void {
    const before = this.#told;
    this.#told = role;
    if (before !== role) this.#changed.emit(role);
  }

  onChange(listener: (role: Role) => void): Disposer {
    return this.#changed.on(listener);
  }
}
