// How the others see you: name and colour.

import { useSignal } from "@preact/signals";
import { cleanName } from "#core/room/person.ts";
import { palette } from "#core/room/palette.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import { useRoving } from "#ui/kit/roving.ts";
import { TextField } from "#ui/kit/text-field.tsx";
import type { MemberPerson } from "./members.ts";

export interface SelfDialogProps {
  readonly person: MemberPerson;
  /** The name comes from a sign-in. */
  readonly verified: boolean;
  readonly onSave: (name: string, color: string) => void;
  readonly onClose: () => void;
}

export function SelfDialog({ person, verified, onSave, onClose }: SelfDialogProps) {
  const name = useSignal(person.name);
  const color = useSignal(person.color);
  const roving = useRoving(
    palette.length,
    Math.max(
      0,
      palette.findIndex((each) => each === person.color),
    ),
  );
  const clean = cleanName(name.value);
  const save = (): void => {
    if (clean === "") return;
    onSave(clean, color.value);
    onClose();
  };
  return (
    <Dialog title="You" onClose={onClose}>
      <form
        class="people-form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div class="people-preview">
          <Avatar person={{ name: clean === "" ? "?" : clean, color: color.value }} size={48} decorative />
          <TextField
            label={verified ? "Name, as you have signed in" : "Name, as the others see it"}
            readOnly={verified}
            value={name.value}
            maxLength={60}
            onInput={(value) => (name.value = value)}
            error={clean === "" ? "The others need something to call you." : undefined}
          />
        </div>
        <div
          class="people-colors"
          role="radiogroup"
          aria-label="Colour"
          onKeyDown={roving.onKeyDown}
          onFocusIn={roving.onFocusIn}
        >
          {palette.map((each, index) => (
            <button
              key={each}
              type="button"
              role="radio"
              aria-checked={each === color.value}
              aria-label={`Colour ${index + 1}`}
              tabIndex={roving.tabIndex(index)}
              style={{ background: each }}
              onClick={() => (color.value = each)}
            />
          ))}
        </div>
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit disabled={clean === ""}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
