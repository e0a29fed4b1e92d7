// Measures file work in the guest: the same commands on /project, which is the shared document, and on the guest's tmpfs.

import type { WorkspacePage } from "#test/e2e/workspace-page.ts";
import type { Line } from "./table.ts";

/** Timed inside the guest; each prints `name nanoseconds`. A fresh folder as $1. */
const script = String.raw`
set -e
mkdir -p "$1" && cd "$1"
timed() { name=$1; shift; start=$(date +%s%N); "$@" >/dev/null 2>&1; end=$(date +%s%N); echo "$name $((end - start))"; }
creates() { for i in $(seq 1000); do : > "many/$i"; done; }
timed write dd if=/dev/zero of=data bs=128k count=64 conv=fsync
timed read dd if=data of=/dev/null bs=128k
mkdir many
timed creates creates
timed find find many
cd / && rm -r "$1"
`;

const names: Readonly<Record<string, string>> = {
  write: "write 8 MB",
  read: "read 8 MB",
  creates: "create 1,000 files",
  find: "find over 1,000 files",
};

async function timings(person: WorkspacePage, folder: string): Promise<ReadonlyMap<string, number>> {
  const result = await person.run(["bash", "-c", script, "bench", folder]);
  if (result.code !== 0) throw new Error(`the guest failed in ${folder}: ${result.stderr}`);
  return new Map(
    result.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name = "", nanoseconds = ""]) => [name, Number(nanoseconds) / 1e6]),
  );
}

export async function measureFiles(person: WorkspacePage): Promise<readonly Line[]> {
  // Once for nothing: emulated code that has never run is not what is measured here.
  await timings(person, "/tmp/warm");
  const project = await timings(person, "/project/bench");
  const tmpfs = await timings(person, "/tmp/bench");
  return Object.entries(names).map(([key, name]) => ({
    what: `/project: ${name}`,
    measured: project.get(key) ?? Number.NaN,
    against: "the guest's tmpfs",
    reference: tmpfs.get(key) ?? Number.NaN,
  }));
}
