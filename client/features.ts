// The features of an open project, in the order in which the workspace lists them. A new one is one line here and its
// own folder in ui/.

import { computed } from "@preact/signals";
import type { Machine } from "#core/machine/machine.ts";
import { codeEditors } from "#ui/editor/code-editor.ts";
import { filesFeature } from "#ui/files/feature.tsx";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { machineFeature } from "#ui/machine/feature.tsx";
import { notebookFeature } from "#ui/notebook/feature.tsx";
import { offlineFeature } from "#ui/offline/feature.tsx";
import { members } from "#ui/people/members.ts";
import { peopleFeature } from "#ui/people/feature.tsx";
import { visitors } from "#ui/people/visitors.ts";
import { searchFeature } from "#ui/search/feature.tsx";
import { sharingFeature } from "#ui/sharing/feature.tsx";
import type { AskSharing } from "#ui/sharing/sharing-model.ts";
import { terminalsFeature } from "#ui/terminal/feature.tsx";
import { account, accountFeature } from "./account.ts";
import { askSharing } from "./http.ts";
import { jupyterFeature } from "./jupyter-commands.ts";
import type { Session } from "#sync/session.ts";
import type { FilesModel } from "#ui/files/files-model.ts";
import type { NotebookRuns } from "#ui/notebook/notebook-runs.ts";
import type { OfflineModel } from "#ui/offline/offline-model.ts";
import type { LiveSession } from "#ui/workspace/live-session.ts";

/** What an open project has before it has an interface. */
export interface FeatureParts {
  readonly projectId: string;
  readonly session: Session;
  /** The session and the machine as signals. */
  readonly live: LiveSession;
  /** This page's machine; undefined where it has none. */
  readonly machine: Machine | undefined;
  /** Runs things: the machine, or what says why there is none. */
  readonly runner: Pick<Machine, "spawn" | "runCell" | "restartSession">;
  readonly runs: NotebookRuns;
  readonly files: FilesModel;
  readonly offline: OfflineModel;
  readonly shell: Shell;
  /** There is a machine, and one's role lets one run things, now. */
  readonly canRun: boolean;
  /** Sets one's own name and colour, here and for other projects. */
  readonly rename: (name: string, color: string) => void;
}

export function featuresOf(parts: FeatureParts): readonly Feature[] {
  const { session, live, machine, runner, runs, files, offline, shell } = parts;
  const { project, channels } = session;
  const mayEdit = (): boolean => live.writable;
  const mayRun = (): boolean => parts.canRun;
  const everyone = computed(() => members(live.participants.value));
  const inFile = computed(() =>
    visitors(everyone.value, (where) => (where.terminal === undefined ? where.file : undefined)),
  );
  const inCell = computed(() => visitors(everyone.value, (where) => where.cell));
  const shared = computed(() =>
    live.participants.value
      .filter((participant) => !participant.self)
      .flatMap(({ person, state }) =>
        (state.terminals ?? []).map(({ channel, title }) => ({ channel, title, owner: person })),
      ),
  );
  const ask: AskSharing = async (request) =>
    askSharing(parts.projectId, await session.accessToken(), request);
  return [
    filesFeature({ shell, model: files, ready: live.ready, present: inFile }),
    searchFeature({ shell, project, behind: "files" }),
    notebookFeature({
      shell,
      runs,
      awareness: session.awareness,
      blobs: session.blobs,
      editors: codeEditors,
      mayEdit,
      mayRun,
      visitors: inCell,
    }),
    jupyterFeature({ session, shell }, mayEdit),
    terminalsFeature({
      shell,
      machine: runner,
      machineState: live.machineState,
      relay: channels,
      shared,
      mayRun,
    }),
    ...(machine === undefined
      ? []
      : [
          machineFeature({
            shell,
            machine,
            state: live.machineState,
            mayRun,
            reset: () => live.resetMachine(),
          }),
        ]),
    offlineFeature({ shell, model: offline, projectKept: live.kept }),
    peopleFeature({
      shell,
      project,
      members: everyone,
      settled: live.settled,
      person: () => session.person,
      rename: parts.rename,
    }),
    sharingFeature({
      shell,
      ask,
      role: live.role,
      self: () => session.person.id,
      canInvite: () => account.value.signIn,
    }),
    accountFeature(),
  ];
}
