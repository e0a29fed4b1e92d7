// Who is here, as avatars: hover tells where they are, a click follows them, one's own opens one's own name.

import { useEffect, useRef } from "preact/hooks";
import { Avatar } from "#ui/kit/avatar.tsx";
import { openMenu } from "#ui/kit/menu.tsx";
import { toast } from "#ui/kit/toasts.tsx";
import { changesOf } from "./members.ts";
import type { Member } from "./members.ts";
import { machineWords, whereabouts } from "./whereabouts.ts";
import "./people.css";

/** Avatars that are shown; the rest are one number. */
const mostShown = 6;

export interface PeopleBarProps {
  readonly members: readonly Member[];
  /** Comings and goings are no news now: we have only just come (back) ourselves, or the line is down. */
  readonly quiet: boolean;
  readonly fileName: (id: string) => string | undefined;
  readonly onFollow: (member: Member) => void;
  readonly onEditSelf: () => void;
}

export function PeopleBar({ members, quiet, fileName, onFollow, onEditSelf }: PeopleBarProps) {
  useQuietLines(members, quiet);
  const words = (member: Member): string => {
    const name = member.self ? `${member.person.name} (you)` : member.person.name;
    const more = [
      member.person.verified === true ? "signed in" : undefined,
      whereabouts(member.where, fileName),
      machineWords(member.state),
    ].filter((part) => part !== undefined);
    return member.self || more.length === 0 ? name : `${name}\n${more.join(", ")}`;
  };
  const act = (member: Member): void => {
    if (member.self) onEditSelf();
    else onFollow(member);
  };
  const rest = members.slice(mostShown);
  return (
    <ul class="people" aria-label="People">
      {members.slice(0, mostShown).map((member) => (
        <li key={member.person.id}>
          <button
            type="button"
            class={member.self ? "people-person people-self" : "people-person"}
            aria-label={words(member).replace("\n", ", ")}
            data-tip={words(member)}
            onClick={() => act(member)}
          >
            <Avatar person={member.person} size={26} decorative title="" />
          </button>
        </li>
      ))}
      {rest.length === 0 ? null : (
        <li>
          <button
            type="button"
            class="people-more"
            aria-haspopup="menu"
            aria-label={`+${rest.length}: more people`}
            onClick={(event) =>
              openMenu({
                at: event.currentTarget,
                label: "More people",
                items: rest.map((member) => ({
                  label: words(member).replace("\n", ", "),
                  run: () => act(member),
                })),
              })
            }
          >
            +{rest.length}
          </button>
        </li>
      )}
    </ul>
  );
}

/** Milliseconds that somebody must stay away before we say so: a reload is no farewell. */
const farewellDelay = 4000;

function useQuietLines(members: readonly Member[], quiet: boolean): void {
  const before = useRef<readonly Member[] | undefined>(undefined);
  const leaving = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const last = before.current;
    before.current = members;
    if (last === undefined || quiet) return;
    const { joined, left } = changesOf(last, members);
    for (const person of joined) {
      const timer = leaving.current.get(person.id);
      clearTimeout(timer);
      leaving.current.delete(person.id);
      if (timer === undefined) toast({ message: `${person.name} joined` });
    }
    for (const person of left) {
      const farewell = (): void => {
        leaving.current.delete(person.id);
        toast({ message: `${person.name} left` });
      };
      leaving.current.set(person.id, setTimeout(farewell, farewellDelay));
    }
  }, [members, quiet]);
  useEffect(() => {
    const timers = leaving.current;
    return () => {
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, []);
}
