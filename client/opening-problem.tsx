// Why a project could not be opened, in words that say what to do.

import { useSignal } from "@preact/signals";
import { LogIn } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { Button } from "#ui/kit/button.tsx";
import { MessagePage } from "#ui/kit/message-page.tsx";
import { account, readAccount, signIn } from "./account.ts";
import type { LeftoverWork } from "./leftover-work.ts";
import type { OpeningProblem } from "./open-project.ts";
import { LeftoverActions, leftoverWords } from "./unsaved-notice.tsx";

export function problemWords(problem: OpeningProblem): {
  readonly title: string;
  readonly texts: readonly string[];
} {
  switch (problem.kind) {
    case "unknown":
      return {
        title: "There is no such project.",
        texts: [
          "The address may be incomplete, or the project may have been deleted. Ask whoever sent it for a new link.",
        ],
      };
    case "no-link":
      return {
        title: "This address alone does not open the project.",
        texts: [
          "A link has a long key after the #. Ask somebody who is in the project to share it with you.",
        ],
      };
    case "refused":
      return {
        title: "This link does not open the project.",
        texts: [problem.reason, "What is in the project is not touched by this."],
      };
    case "unreachable":
      return {
        title: "The server cannot be reached.",
        texts: ["The project could not be opened. What is in it is safe on the server."],
      };
    default:
      return problem satisfies never;
  }
}

export interface ProblemPageProps {
  readonly problem: OpeningProblem;
  /** What this browser has that the server does not. */
  readonly leftovers?: readonly LeftoverWork[];
}

export function ProblemPage({ problem, leftovers = [] }: ProblemPageProps) {
  const { title, texts } = problemWords(problem);
  const discarded = useSignal<ReadonlySet<LeftoverWork>>(new Set());
  const left = leftovers.filter((work) => !discarded.value.has(work));
  useEffect(() => void readAccount(), []);
  return (
    <MessagePage
      title={title}
      actions={
        <>
          <Button kind={left.length === 0 ? "primary" : "plain"} onClick={() => location.reload()}>
            Try again
          </Button>
          {account.value.signIn && account.value.account === undefined ? (
            <Button icon={LogIn} onClick={signIn}>
              Sign in
            </Button>
          ) : null}
          <Button onClick={() => location.assign("/")}>First page</Button>
        </>
      }
    >
      {texts.map((text) => (
        <p key={text}>{text}</p>
      ))}
      {left.map((work) => (
        <div key={work.at ?? 0}>
          <p>{leftoverWords(work)}</p>
          <div class="kit-message-actions">
            <LeftoverActions
              work={work}
              onDiscarded={() => (discarded.value = new Set([...discarded.value, work]))}
            />
          </div>
        </div>
      ))}
    </MessagePage>
  );
}
