// Measures how long what one guest writes takes to the other guest: from the writer's close(2) until the colleague's
// `cat` prints it. Both look at the wall clock of this computer, which their machines were set by.

import type { WorkspacePage } from "#test/e2e/workspace-page.ts";
import type { Stage } from "./stage.ts";
import { type Line, median } from "./table.ts";

const rounds = 20;

// Both look again and again: a sleep(1) would be a process of its own, which takes longer than what is measured.

/** Answers each number that appears in `from` by writing it to `to`. */
const echo = String.raw`
last=
while read -r number < "$1" || :; do
  [ "$number" = "$last" ] && continue
  last=$number
  echo "$number" > "$2"
  [ "$number" = ${rounds} ] && exit
done
`;

/** Writes a number to $1 and waits until it stands in $2; prints the nanoseconds of each round trip. */
const ask = String.raw`
for number in $(seq ${rounds}); do
  start=$(date +%s%N)
  echo $number > "$1"
  until read -r answer < "$2" && [ "$answer" = $number ]; do :; done
  echo $(($(date +%s%N) - start))
done
`;

async function roundTrip(asking: WorkspacePage, answering: WorkspacePage, folder: string): Promise<number> {
  const [question, answer] = [`${folder}/question`, `${folder}/answer`];
  await asking.run([
    "bash",
    "-c",
    'mkdir -p "$1"; echo 0 > "$2"; echo 0 > "$3"',
    "bench",
    folder,
    question,
    answer,
  ]);
  const answered = answering.run([
    "bash",
    "-c",
    `until [ -e "$1" ] && [ -e "$2" ]; do sleep 0.1; done; ${echo}`,
    "bench",
    question,
    answer,
  ]);
  const { stdout } = await asking.run(["bash", "-c", ask, "bench", question, answer]);
  await answered;
  return median(
    stdout
      .trim()
      .split("\n")
      .map((nanoseconds) => Number(nanoseconds) / 1e6),
  );
}

export function measurePropagation(stage: Stage): Promise<readonly Line[]> {
  return stage.with(2, async (ana, ben) => {
    await ana.ready();
    await ben.ready();
    await ben.run(["true"]);
    const apart = await roundTrip(ana, ben, "/project/propagation");
    const own = await roundTrip(ana, ana, "/tmp/propagation");
    return [
      {
        what: "write of one guest, read by the other, and back",
        measured: apart,
        against: "two processes of one guest",
        reference: own,
      },
    ];
  });
}
