// Asks before the machine loses what it has outside the project.

import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";

export interface ResetDialogProps {
  readonly onReset: () => void;
  readonly onClose: () => void;
}

export function ResetDialog({ onReset, onClose }: ResetDialogProps) {
  return (
    <Dialog
      title="Reset this machine?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            kind="danger"
            onClick={() => {
              onClose();
              onReset();
            }}
          >
            Reset
          </Button>
        </>
      }
    >
      <p>
        It ends what runs on it and starts afresh: what it has written outside <code>/project</code>, and what
        is not shared of <code>/project</code>, is deleted in this browser. The project stays as it is.
      </p>
    </Dialog>
  );
}
