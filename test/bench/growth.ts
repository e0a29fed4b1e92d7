// Measures how file work on /project grows with the number of files in one folder.

import { timings } from "./guest-files.ts";
import type { Stage } from "./stage.ts";
import type { Line } from "./table.ts";

const sizes = [100, 1_000, 10_000] as const;

/** Per file, so that what does not grow has the ratio 1. */
const script = (files: number): string => String.raw`
creates() { for i in $(seq ${files}); do : > "$i"; done; }
timed creates creates
timed find find . -newer /etc/hostname
timed remove find . -type f -delete
cd / && rm -r "$1"
`;

const names: Readonly<Record<string, string>> = {
  creates: "create a file",
  find: "find, a file's share",
  remove: "remove a file",
};

export function measureGrowth(stage: Stage): Promise<readonly Line[]> {
  return stage.with(1, async (person) => {
    await person.ready();
    await timings(person, script(sizes[1]), "/tmp/warm");
    const measured: { files: number; times: ReadonlyMap<string, number> }[] = [];
    for (const files of sizes)
      measured.push({ files, times: await timings(person, script(files), `/project/of-${files}`) });
    const [small, ...larger] = measured;
    if (small === undefined) return [];
    const each = ({ files, times }: typeof small, key: string): number =>
      (times.get(key) ?? Number.NaN) / files;
    return larger.flatMap((size) =>
      Object.entries(names).map(([key, name]) => ({
        what: `/project: ${name}, of ${size.files.toLocaleString("en")}`,
        measured: each(size, key),
        against: `of ${small.files}`,
        reference: each(small, key),
      })),
    );
  });
}
