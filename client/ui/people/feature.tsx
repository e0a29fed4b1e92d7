// People as a feature of the workspace: who is here, following one of them, one's own name and colour.

import type { ReadonlySignal } from "@preact/signals";
import { UserPen } from "lucide-preact";
import type { Project } from "#core/project/project.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { FollowingFrame } from "./following-frame.tsx";
import { Following, type Viewport } from "./following.ts";
import type { Member, MemberPerson } from "./members.ts";
import { PeopleBar } from "./people-bar.tsx";
import { SelfDialog } from "./self-dialog.tsx";
import { viewportOf } from "./viewport.ts";

export interface PeopleOptions {
  readonly shell: Shell;
  readonly project: Project;
  readonly members: ReadonlySignal<readonly Member[]>;
  /** Online for long enough that comings and goings are news. */
  readonly settled: ReadonlySignal<boolean>;
  /** Oneself. */
  readonly person: () => MemberPerson;
  readonly rename: (name: string, color: string) => void;
}

export function peopleFeature(options: PeopleOptions): Feature {
  const { shell, project, members, settled, person, rename } = options;
  const following = new Following({
    members,
    viewportOf: (member) => viewportOf(member, project),
    show: (viewport) => show(viewport, shell, project),
    input: window,
  });
  const editSelf = (): void => shell.openDialog("self");
  return {
    commands: () => [{ id: "self", label: "Your name and colour", icon: UserPen, run: editSelf }],
    bar: () => (
      <>
        <FollowingFrame following={following} />
        <PeopleBar
          members={members.value}
          quiet={!settled.value}
          fileName={(file) => project.entry(file)?.name}
          onFollow={(member) => following.start(member)}
          onEditSelf={editSelf}
        />
      </>
    ),
    menu: () => [{ label: "Your name and colour", icon: UserPen, run: editSelf }],
    dialogs: {
      self: (close) => {
        const self = person();
        return <SelfDialog person={self} verified={self.verified === true} onSave={rename} onClose={close} />;
      },
    },
    dispose: () => following.dispose(),
  };
}

function show({ file, cell, line, terminal }: Viewport, shell: Shell, project: Project): void {
  if (terminal !== undefined) shell.showBottom();
  if (file === undefined || project.entry(file) === undefined) return;
  if (line === undefined && cell === undefined) shell.open(file, false);
  else
    shell.openAt({
      file,
      keepFocus: true,
      ...(line === undefined ? {} : { line }),
      ...(cell === undefined ? {} : { cell }),
    });
}
