// A cell's name: what readers and scripts call it by.

import { useSignal } from "@preact/signals";
import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import { TextField } from "#ui/kit/text-field.tsx";

export interface RenameDialogProps {
  readonly name: string;
  /** "" takes the name away. */
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
}

export function RenameDialog({ name, onSave, onClose }: RenameDialogProps) {
  const value = useSignal(name);
  return (
    <Dialog title="Name of the cell" onClose={onClose}>
      <form
        class="rename-form"
        onSubmit={(event) => {
          event.preventDefault();
          onSave(value.value.trim());
          onClose();
        }}
      >
        <TextField
          label="Shown at the cell's edge, and kept in the file"
          value={value.value}
          maxLength={80}
          onInput={(text) => (value.value = text)}
        />
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
