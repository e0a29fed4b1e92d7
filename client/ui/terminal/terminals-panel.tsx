// The panel of terminals: tabs for one's own and for those that colleagues have open, one shown at a time.

import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { Plus, SquareTerminal } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { MachineState } from "#core/machine/machine.ts";
import { Avatar } from "#ui/kit/avatar.tsx";
import { Button, IconButton } from "#ui/kit/button.tsx";
import { TabList } from "#ui/kit/tab-list.tsx";
import { OfferBar } from "./offer-bar.tsx";
import { OwnTerminalView } from "./own-terminal-view.tsx";
import type { OwnTerminal } from "./own-terminal.ts";
import type { SharedTerminal, TerminalRelay } from "./relay.ts";
import type { Terminals } from "./terminals.ts";
import { WatchedTerminalView } from "./watched-terminal-view.tsx";
import "./terminal.css";

export interface TerminalsPanelProps {
  readonly terminals: Terminals;
  /** What the others have open. */
  readonly shared: readonly SharedTerminal[];
  readonly relay: Pick<TerminalRelay, "watch" | "input">;
  readonly machineState: ReadonlySignal<MachineState>;
  /** Which one is shown, by channel: for presence. */
  readonly onShow?: (channel: string | undefined) => void;
  /** Without it only the others' terminals can be watched. */
  readonly canRun: boolean;
}

/** Every other key goes to the program. */
const leaveHint = "F6 leaves the terminal";

type Tab =
  | { readonly kind: "own"; readonly name: string; readonly channel: string; readonly terminal: OwnTerminal }
  | {
      readonly kind: "shared";
      readonly name: string;
      readonly channel: string;
      readonly terminal: SharedTerminal;
    };

/** "Ana's terminal", and where she has more, "Ana's terminal 2". */
function sharedName(terminal: SharedTerminal, all: readonly SharedTerminal[]): string {
  const same = all.filter((other) => other.owner.id === terminal.owner.id);
  const index = same.indexOf(terminal);
  return `${terminal.owner.name}'s terminal${index > 0 ? ` ${index + 1}` : ""}`;
}

export function TerminalsPanel(props: TerminalsPanelProps) {
  const { terminals, shared, relay, machineState, onShow, canRun } = props;
  const chosen = useSignal<string | undefined>(undefined);
  const own = useComputed(() => terminals.own.value);
  const body = useRef<HTMLDivElement>(null);

  const tabs: readonly Tab[] = [
    ...own.value.map((terminal) => ({
      kind: "own" as const,
      name: terminal.title,
      channel: terminal.channel,
      terminal,
    })),
    ...shared.map((terminal) => ({
      kind: "shared" as const,
      name: sharedName(terminal, shared),
      channel: terminal.channel,
      terminal,
    })),
  ];
  // Somebody's new terminal takes the place of nothing: the chosen one stays, else one's own comes first.
  const active = tabs.find((tab) => tab.channel === chosen.value) ?? tabs[0];
  const activeChannel = active?.channel;
  useEffect(() => onShow?.(activeChannel), [activeChannel, onShow]);
  // Its keys are its programs': who cannot see the hint hears it.
  useEffect(() => {
    body.current?.querySelector("textarea")?.setAttribute("aria-description", leaveHint);
  }, [activeChannel]);

  const open = (): void => {
    chosen.value = terminals.open().channel;
  };
  const ownAt = (channel: string): OwnTerminal | undefined =>
    own.value.find((terminal) => terminal.channel === channel);

  return (
    <div class="terminals">
      <div class="terminals-bar">
        {tabs.length === 0 ? null : (
          <TabList
            label="Terminals"
            look="terminals"
            tabs={tabs.map((tab) => ({
              id: tab.channel,
              name: tab.name,
              icon:
                tab.kind === "own" ? (
                  <SquareTerminal size={14} aria-hidden="true" />
                ) : (
                  <Avatar person={tab.terminal.owner} size={16} decorative />
                ),
              closable: tab.kind === "own",
              element: `terminal-tab-${tab.channel}`,
              panel: "terminal-panel",
            }))}
            selected={activeChannel}
            onSelect={(channel) => (chosen.value = channel)}
            onClose={(channel) => {
              const terminal = ownAt(channel);
              if (terminal !== undefined) terminals.close(terminal);
            }}
            onEnter={() => body.current?.querySelector("textarea")?.focus()}
          />
        )}
        {!canRun ? null : tabs.length === 0 ? (
          <Button kind="quiet" icon={Plus} onClick={open}>
            New terminal
          </Button>
        ) : (
          <IconButton icon={Plus} label="New terminal" onClick={open} />
        )}
        {active === undefined ? null : (
          <span class="terminals-hint" aria-hidden="true">
            {leaveHint}
          </span>
        )}
        {active?.kind === "own" ? <OfferBar key={active.channel} terminal={active.terminal} /> : null}
      </div>
      <div
        class="terminals-body"
        ref={body}
        {...(activeChannel === undefined
          ? {}
          : {
              role: "tabpanel" as const,
              id: "terminal-panel",
              "aria-labelledby": `terminal-tab-${activeChannel}`,
            })}
      >
        {active === undefined ? (
          <p class="terminals-empty">
            {canRun
              ? "A terminal runs on your own machine, in the project's files. Everybody here can watch it."
              : "Nobody has a terminal open. When somebody does, you can watch it here."}
          </p>
        ) : active.kind === "own" ? (
          <OwnTerminalView key={active.channel} terminal={active.terminal} machineState={machineState} />
        ) : (
          <WatchedTerminalView
            key={active.channel}
            name={active.name}
            owner={active.terminal.owner}
            channel={active.channel}
            relay={relay}
            canType={canRun}
          />
        )}
      </div>
    </div>
  );
}
