// An archive was brought here: unpack it, or keep it as one file?

import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import type { Transfers } from "./transfers.ts";

export function UnpackDialog({ transfers }: { readonly transfers: Transfers }) {
  const offer = transfers.offer.value;
  if (offer === undefined) return null;
  const { picked, directory } = offer;
  const close = (): void => {
    transfers.offer.value = undefined;
  };
  return (
    <Dialog
      title={`Unpack ${picked.path}?`}
      onClose={close}
      actions={
        <>
          <Button
            onClick={() => {
              close();
              void transfers.keep([picked], directory);
            }}
          >
            Keep as one file
          </Button>
          <Button
            kind="primary"
            onClick={() => {
              close();
              void transfers.unpack(picked.file, picked.path, directory);
            }}
          >
            Unpack
          </Button>
        </>
      }
    >
      <p>It is an archive. Its files can go into the project, or it stays the one file that it is.</p>
    </Dialog>
  );
}
