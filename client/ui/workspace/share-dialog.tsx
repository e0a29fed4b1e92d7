// Hands out a link: what it lets people do, and a button that copies it.

import { useSignal } from "@preact/signals";
import { Check, Copy } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { grantable } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";
import { Button } from "#ui/kit/button.tsx";
import { Dialog } from "#ui/kit/dialog.tsx";
import { TextField } from "#ui/kit/text-field.tsx";

export interface ShareDialogProps {
  /** One's own role: nobody hands on more than they have. */
  readonly role: Role;
  /** The link for a role; rejects with a sentence. */
  readonly createLink: (role: Role) => Promise<string>;
  readonly onClose: () => void;
}

const choices = [
  { role: "editor", label: "Can edit", text: "Change files, run things on their own machine, share." },
  { role: "viewer", label: "Can read", text: "See files, people, runs and terminals." },
] as const satisfies readonly { role: Role; label: string; text: string }[];

/** Milliseconds that the button says so. */
const copiedTime = 2000;

export function ShareDialog({ role, createLink, onClose }: ShareDialogProps) {
  const offered = choices.filter((choice) => grantable(role).includes(choice.role));
  const chosen = useSignal<Role>(offered[0]?.role ?? role);
  const link = useSignal("");
  const problem = useSignal<string | undefined>(undefined);
  const copied = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);
  const wanted = chosen.value;
  useEffect(() => {
    let current = true;
    link.value = "";
    problem.value = undefined;
    createLink(wanted).then(
      (url) => {
        if (current) link.value = url;
      },
      (error: unknown) => {
        if (current) problem.value = error instanceof Error ? error.message : String(error);
      },
    );
    return () => {
      current = false;
    };
  }, [wanted, createLink, link, problem]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link.value);
      copied.value = true;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => (copied.value = false), copiedTime);
    } catch {
      problem.value = "The browser did not allow copying. Select the link and copy it by hand.";
    }
  };

  return (
    <Dialog title="Share" onClose={onClose}>
      {offered.length === 0 ? (
        <p>You may pass on the link that you came with: whoever has it may read this project.</p>
      ) : (
        <fieldset class="share-roles">
          <legend>Whoever has the link</legend>
          {offered.map((choice) => (
            <label key={choice.role}>
              <input
                type="radio"
                name="share-role"
                checked={chosen.value === choice.role}
                onChange={() => (chosen.value = choice.role)}
              />
              <span>
                <strong>{choice.label}</strong>
                <span>{choice.text}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <div class="share-link">
        <TextField
          label="Link"
          value={link.value}
          readOnly
          mono
          onInput={() => undefined}
          error={problem.value}
        />
        <Button
          kind="primary"
          icon={copied.value ? Check : Copy}
          disabled={link.value === ""}
          onClick={() => void copy()}
        >
          {copied.value ? "Copied" : "Copy link"}
        </Button>
      </div>
    </Dialog>
  );
}
