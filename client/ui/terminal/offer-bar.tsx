// Lets colleagues type into one's own terminal: with one's consent, under one's eyes, and until one takes it back.

import { Hand, Keyboard } from "lucide-preact";
import { Button } from "#ui/kit/button.tsx";
import type { OwnTerminal } from "./own-terminal.ts";

export function OfferBar({ terminal }: { readonly terminal: OwnTerminal }) {
  const typist = terminal.typist.value;
  const offered = terminal.offered.value;
  return (
    <div
      class={offered ? "terminal-offer terminal-offer-on" : "terminal-offer"}
      {...(typist === undefined ? {} : { style: { "--who": typist.color } })}
    >
      {offered ? (
        <>
          <span role="status" aria-label="Typing">
            {typist === undefined ? "Your colleagues may type here." : `${typist.name} is typing here.`}
          </span>
          <Button
            kind="quiet"
            icon={Hand}
            onClick={() => {
              terminal.offer(false);
              terminal.focus();
            }}
          >
            Take back
          </Button>
        </>
      ) : (
        <Button
          kind="quiet"
          icon={Keyboard}
          title="Whoever may run things here may type into this terminal, until you take it back"
          onClick={() => terminal.offer(true)}
        >
          Let others type
        </Button>
      )}
    </div>
  );
}
