// Why a project could not be opened, in words that say what to do.

import { LogIn } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { Button } from "#ui/kit/button.tsx";
import { MessagePage } from "#ui/kit/message-page.tsx";
import { account, readAccount, signIn } from "./account.ts";
import type { OpeningProblem } from "./open-project.ts";

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

export function ProblemPage({ problem }: { readonly problem: OpeningProblem }) {
  const { title, texts } = problemWords(problem);
  useEffect(() => void readAccount(), []);
  return (
    <MessagePage
      title={title}
      actions={
        <>
          <Button kind="primary" onClick={() => location.reload()}>
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
    </MessagePage>
  );
}
