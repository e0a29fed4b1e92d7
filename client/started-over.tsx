// What one sees whose copy of a project is of before the server started it over.

import { Button } from "#ui/kit/button.tsx";
import { MessagePage } from "#ui/kit/message-page.tsx";

export interface StartedOverProps {
  /** It was put aside in this browser; else it is in this page alone. */
  readonly kept: boolean;
  readonly onDownload: () => void;
}

export function StartedOver({ kept, onDownload }: StartedOverProps) {
  return (
    <MessagePage
      title="This project was started over on the server."
      actions={
        <>
          <Button kind="primary" onClick={() => location.reload()}>
            Open it as it is now
          </Button>
          <Button onClick={onDownload}>Download what was here</Button>
        </>
      }
    >
      <p>
        What you have of it here is of before, and does not fit together with what is there now. Nothing of it
        is mixed in.
      </p>
      <p>
        {kept
          ? "It was put aside in this browser. Download it if you need it."
          : "It is in this tab alone: download it if you need it."}
      </p>
    </MessagePage>
  );
}
