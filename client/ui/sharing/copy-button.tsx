// Copies a link, and says that it did.

import { useSignal } from "@preact/signals";
import { Check, Copy } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "#ui/kit/button.tsx";

/** Milliseconds that the button says so. */
const copiedTime = 2000;

export interface CopyButtonProps {
  readonly primary?: boolean;
  readonly label: string;
  /** Undefined where there is none; why is shown elsewhere. */
  readonly find: () => Promise<string | undefined>;
}

/** Copies a link, which may have to be asked for; where the browser forbids that, shows it to be copied by hand. */
export function CopyButton({ primary, label, find }: CopyButtonProps) {
  const copied = useSignal(false);
  const byHand = useSignal<string | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    const link = await find();
    if (link === undefined) return;
    try {
      await navigator.clipboard.writeText(link);
      byHand.value = undefined;
      copied.value = true;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => (copied.value = false), copiedTime);
    } catch {
      byHand.value = link;
    }
  };
  return (
    <>
      <Button
        kind={primary === true ? "primary" : "quiet"}
        icon={copied.value ? Check : Copy}
        title={primary === true ? "" : label}
        onClick={() => void copy()}
      >
        {copied.value ? "Copied" : primary === true ? label : "Copy"}
      </Button>
      {byHand.value === undefined ? null : (
        <input
          class="kit-input kit-input-mono share-by-hand"
          aria-label="The link, to copy by hand"
          readOnly
          value={byHand.value}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </>
  );
}
