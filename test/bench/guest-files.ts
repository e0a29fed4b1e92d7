// Measures file work in the guest: the same commands on /project, which is the shared document, and on the guest's tmpfs.

import type { WorkspacePage } from "#test/e2e/workspace-page.ts";
import type { Stage } from "./stage.ts";
import { type Line, median } from "./table.ts";

/** For a script that works in the fresh folder $1: `timed NAME COMMAND…` prints `NAME nanoseconds`, by the guest's clock. */
const prelude = String.raw`
set -e
mkdir -p "$1" && cd "$1"
timed() { name=$1; shift; start=$(date +%s%N); "$@" >/dev/null 2>&1; end=$(date +%s%N); echo "$name $((end - start))"; }
`;

/** 32 MB: a tmpfs may have half of the machine's memory. */
const oneLarge = String.raw`
timed write dd if=/dev/zero of=data bs=128k count=256 conv=fsync
timed read dd if=data of=/dev/null bs=128k
cd / && rm -r "$1"
`;

const manySmall = String.raw`
creates() { for i in $(seq 1000); do : > "many/$i"; done; }
reads() { cat small/*/* | wc -c; }
mkdir many
timed creates creates
timed find find many
timed remove rm -r many
python3 -c '
import os
for folder in range(50):
    os.makedirs(f"small/{folder}")
    for file in range(50):
        with open(f"small/{folder}/{file}.txt", "w") as out: out.write(f"line {file} of folder {folder}\n" * 20)
'
timed reads reads
mv small repository && cd repository && rm -r 4?
git init -q . && git add . && git -c user.name=b -c user.email=b@b commit -qm files
timed status git status
cd / && rm -r "$1"
`;

const names: Readonly<Record<string, string>> = {
  write: "write 32 MB",
  read: "read 32 MB",
  creates: "create 1,000 files",
  find: "find over 1,000 files",
  remove: "remove 1,000 files",
  reads: "read 2,500 small files",
  status: "git status, 2,000 files",
};

/** Milliseconds by name. */
export async function timings(
  person: WorkspacePage,
  script: string,
  folder: string,
): Promise<ReadonlyMap<string, number>> {
  const result = await person.run(["bash", "-c", prelude + script, "bench", folder]);
  if (result.code !== 0) throw new Error(`the guest failed in ${folder}: ${result.stderr}`);
  return new Map(
    result.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name = "", nanoseconds = ""]) => [name, Number(nanoseconds) / 1e6]),
  );
}

export function measureFiles(stage: Stage): Promise<readonly Line[]> {
  return stage.with(1, async (person) => {
    await person.ready();
    // The emulator makes code of what runs often, and that takes it a while: what ran first is not counted.
    return [
      ...(await compare(person, oneLarge, { warm: 5, counted: 7 })),
      ...(await compare(person, manySmall, { warm: 1, counted: 1 })),
    ];
  });
}

/** The same script on both, turn by turn. */
async function compare(
  person: WorkspacePage,
  script: string,
  { warm, counted }: { readonly warm: number; readonly counted: number },
): Promise<readonly Line[]> {
  const rounds: {
    readonly project: ReadonlyMap<string, number>;
    readonly tmpfs: ReadonlyMap<string, number>;
  }[] = [];
  while (rounds.length < warm + counted) {
    const tmpfs = await timings(person, script, "/tmp/bench");
    const project = await timings(person, script, "/project/bench");
    rounds.push({ project, tmpfs });
    // What that has written is on its way to the server for a while.
    await person.saved();
  }
  const middle = (side: "project" | "tmpfs", key: string): number =>
    median(rounds.slice(warm).map((round) => round[side].get(key) ?? Number.NaN));
  return [...(rounds[0]?.project.keys() ?? [])].map((key) => ({
    what: `/project: ${names[key] ?? key}`,
    measured: middle("project", key),
    against: "the guest's tmpfs",
    reference: middle("tmpfs", key),
  }));
}
