// The focus stays, and every key arrives, while programs of a machine go on.

import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { Composer, keyDelay } from "./composer.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const machineLimit = 90_000;
let ana: WorkspacePage;

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  await ana.run(["true"]);
}, machineLimit);

afterAll(() => expect(ana.visitor.errors).toEqual([]));

it("[ED-10] a program moves the file that one types in, and the folder above it", async () => {
  await ana.write("a.txt", "");
  await ana.openFile("a.txt");
  await ana.focusEditor("a.txt");
  const keys = "the quick brown fox jumps over the lazy dog";
  const typing = ana.page.keyboard.type(keys, { delay: keyDelay });
  await ana.run(["sh", "-c", "mv a.txt b.sh; mkdir sub; mv b.sh sub/c.py; mv sub other"]);
  await typing;
  await ana.tab("c.py").waitFor();
  await until("it is all there", async () => (await ana.read("other/c.py")) === keys);
});

it(
  "a cell's input line sends nothing for the keys that end a composition",
  async () => {
    await ana.write("in.nb.md", '```sh\nread -r line; echo "got $line"\n```\n');
    await ana.openFile("in.nb.md");
    const cell = ana.notebook("in.nb.md").getByRole("group", { name: "Cell 1", exact: true });
    await ana.runCell(cell);
    const input = cell.getByRole("textbox", { name: "Input for the running cell" });
    await input.click();
    const method = await Composer.at(ana.page);
    for (const key of ["Enter", "Escape"] as const) {
      await method.compose("に", "にほん");
      await method.press(key);
      await method.commit("日本");
    }
    expect(await input.inputValue()).toBe("日本日本");
    await ana.page.keyboard.press("Enter");
    await until("it has read the line", async () =>
      (await cell.getByRole("log", { name: "Output" }).innerText()).includes("got 日本日本"),
    );
  },
  machineLimit,
);

it(
  "a terminal takes what is composed while a program writes into it",
  async () => {
    await ana.page.getByRole("button", { name: "New terminal" }).click();
    const own = ana.page.getByRole("region", { name: "Terminal 1" });
    await until(
      "the shell has a prompt",
      async () => /\$ *$/.test((await own.innerText()).trimEnd()),
      machineLimit,
    );
    await ana.type("(for i in 1 2 3 4 5 6; do sleep 0.2; echo tick-$i; done) & cat > composed.txt\n");
    await until("it writes", async () => (await own.innerText()).includes("tick-1\n"));
    const method = await Composer.at(ana.page);
    await method.compose("に", "にほ", "にほん", "日本", "日本語");
    await method.commit("日本語");
    await ana.type("!");
    await method.compose("ご");
    await method.commit("語");
    await ana.page.keyboard.press("Enter");
    await ana.page.keyboard.press("Control+d");
    await until(
      "the program has read it",
      async () => (await ana.read("composed.txt").catch(() => "")) !== "",
    );
    expect(await ana.read("composed.txt")).toBe("日本語!語\n");
  },
  machineLimit,
);
