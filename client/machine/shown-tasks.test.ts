// Where the machine says that a file is missing: in the output of the task that was last used, on a line of its own.

import { expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { ShownTasks } from "./shown-tasks.ts";
import { FileNotices } from "./file-notices.ts";
import type { FileNews } from "#machine/product/file-news.ts";
import type { ExitStatus, Task } from "#core/machine/machine.ts";

interface Shown {
  text: string;
  exit: (status: ExitStatus) => void;
  readonly task: Task;
}

function start(askers: ShownTasks, tty: boolean, say: string): Shown {
  const shown = { text: "" };
  const asker = askers.add(
    { output: (fd, data) => void (shown.text += `${fd}:${decodeUtf8(data) ?? ""}`) },
    tty,
  );
  let exit = (_status: ExitStatus): void => undefined;
  const task = asker.attach({
    id: 1,
    exit: new Promise((resolve) => (exit = resolve)),
    write: () => Promise.resolve(),
    eof: () => Promise.resolve(),
    resize: () => Promise.resolve(),
    signal: () => Promise.resolve(),
  });
  if (say !== "") void asker.events.output(1, encodeUtf8(say));
  return Object.assign(shown, { exit, task });
}

it("tells whoever was used last", async () => {
  const askers = new ShownTasks();
  const first = start(askers, true, "");
  const second = start(askers, false, "");
  expect(askers.tell("one")).toBe(true);
  expect(second.text).toBe("2:one\n");
  await first.task.write(encodeUtf8("git\r"));
  askers.tell("two");
  expect(first.text).toBe("1:two\r\n");
  first.exit({ code: 0 });
  await first.task.exit;
  askers.tell("three");
  expect(second.text).toContain("three");
  second.exit({ code: 0 });
  await second.task.exit;
  expect(askers.tell("nobody hears")).toBe(false);
});

it("begins a line, but leaves none empty", () => {
  const askers = new ShownTasks();
  const prompt = start(askers, true, "$ ");
  askers.tell("one");
  expect(prompt.text).toBe("1:$ 1:\r\none\r\n");
  // As a shell leaves its terminal before it starts a program.
  const started = start(askers, true, "$ git\r\n\u001b[?2004l\r");
  askers.tell("two");
  expect(started.text.endsWith("1:two\r\n")).toBe(true);
});

it("keeps the order where the output is taken slowly", async () => {
  const askers = new ShownTasks();
  let taken: (() => void) | undefined;
  const seen: string[] = [];
  const asker = askers.add(
    {
      output: (_fd, data) => {
        seen.push(decodeUtf8(data) ?? "");
        return new Promise((resolve) => (taken = resolve));
      },
    },
    false,
  );
  void asker.events.output(1, encodeUtf8("first\n"));
  askers.tell("second");
  expect(seen).toEqual(["first\n"]);
  taken?.();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  expect(seen).toEqual(["first\n", "second\n"]);
});

it("says one wish once, and what cannot be had with its reason", () => {
  const askers = new ShownTasks();
  const shown = start(askers, false, "");
  const news: FileNews[] = [];
  const notices = new FileNotices(askers, (each) => news.push(each));
  const git = { path: "/usr/bin/git", program: true };
  const unreachable = new FsError("ENETUNREACH", "The server cannot be reached.");
  notices.missing(git, unreachable, false);
  notices.missing(git, unreachable, false);
  expect(shown.text).toBe(
    "2:git cannot be started: part of it is not kept in this browser and the server cannot be reached. Reconnect, or choose “Keep everything for offline” beforehand.\n",
  );
  notices.missing(
    { path: "/usr/lib/libz.so.1", program: false },
    new FsError("EIO", "pack arrived damaged"),
    true,
  );
  expect(news.map((each) => each.kind === "missing" && each.sentence)).toEqual([
    expect.stringContaining("git cannot be started"),
    "/usr/lib/libz.so.1 cannot go on: part of it cannot be had (pack arrived damaged). Try again, or restart your machine.",
  ]);
});
