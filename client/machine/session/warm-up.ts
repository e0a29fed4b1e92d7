// What the bake leaves waiting in the snapshot: a terminal's shell at its prompt, a cell shell and a cell Python,
// each of which has done its work once, so that the pages that it needs are there. Knows no console and no snapshot.

import { concatBytes, decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { SessionKind } from "#core/machine/machine.ts";
import { terminalSpec } from "./programs.ts";
import { Sessions } from "./sessions.ts";
import type { SessionTasks } from "./session-tasks.ts";

const size = { cols: 80, rows: 24 };

/** What a rehearsal does must leave nothing behind but warm pages: the first traceback of a Python costs a second. */
const rehearsals: readonly { readonly kind: SessionKind; readonly source: string; readonly code: number }[] =
  [
    { kind: "sh", source: "ls / > /dev/null\nfor _ in 1 2; do :; done\nunset _", code: 0 },
    { kind: "python", source: "print('ready')\n1 + 1", code: 0 },
    { kind: "python", source: "def f():\n    return 1 / 0\nf()", code: 1 },
    { kind: "python", source: "get_ipython().session.forget()", code: 0 },
  ];

/** A prompt's last character and its space, with the terminal sequences that may stand around them. */
// oxlint-disable-next-line no-control-regex -- terminal sequences begin with a control character
const promptEnd = /[$#](?:\x1b\[[0-9;?]*[a-zA-Z])* (?:\x1b\[[0-9;?]*[a-zA-Z])*$/;

/** Starts and rehearses the warm tasks; then `tasks.park()` may follow. Throws where one does not come up. */
export async function warmUp(
  tasks: SessionTasks,
  say: (text: string) => void = () => undefined,
): Promise<void> {
  await warmTerminal(tasks);
  say("a shell waits at its prompt");
  const sessions = new Sessions(tasks, { warm: true });
  for (const { kind, source, code } of rehearsals) {
    const printed: Uint8Array[] = [];
    const output = (_fd: 1 | 2, data: Uint8Array): void => void printed.push(data);
    const run = await sessions.runCell({ kind, session: "warm", source, cwd: "/", tty: size }, { output });
    const exit = await run.exit;
    if (exit.code !== code)
      throw new Error(
        `warming up ${kind}: expected ${code}, got ${exit.code} ${exit.error ?? ""}\n${decodeUtf8Lossy(concatBytes(printed))}`,
      );
  }
  say("a cell shell and a cell Python have rehearsed");
}

/** Settles when the shell has printed its prompt. */
async function warmTerminal(tasks: SessionTasks): Promise<void> {
  let printed = "";
  let atPrompt = (): void => undefined;
  const prompted = new Promise<void>((resolve) => (atPrompt = resolve));
  const task = await tasks.spawn(
    terminalSpec(size),
    {
      output: (_fd, data) => {
        printed += decodeUtf8Lossy(data);
        if (promptEnd.test(printed)) atPrompt();
      },
    },
    { warm: true },
  );
  const failed = task.exit.then((exit) => {
    throw new Error(`the warm shell ended (${exit.code}) ${exit.error ?? ""}: ${printed}`);
  });
  await Promise.race([prompted, failed]);
  failed.catch(() => undefined);
}
