// Asks before the machine loses what it has outside the project.

import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import type { LiveSession } from "./live-session.ts";

export function ResetDialog({ live, onClose }: { readonly live: LiveSession; readonly onClose: () => void }) {
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
              void live.resetMachine();
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
