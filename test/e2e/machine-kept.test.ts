// What a machine writes outside the project is there again after a reload of its tab, with and without the server.

import { beforeAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import type { TestProject } from "#test/harness/server.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();

const setUp = `
set -e
echo kept > ~/x
mkdir -p ~/.config/deep && echo deeper > ~/.config/deep/file
mkdir -p /usr/local/bin
printf '#!/bin/sh\\necho "installed: $1"\\n' > /usr/local/bin/hello && chmod +x /usr/local/bin/hello
ln -s /usr/local/bin/hello /usr/local/bin/other
echo '10.0.0.1 colleague' >> /etc/hosts
rm /etc/debian_version
mkdir -p node_modules/dep && echo 'exports.x = 1' > node_modules/dep/index.js
head -c 300000 /dev/zero | tr '\\0' 'z' > ~/large
echo gone > /tmp/memory
`;

const look = `
cat ~/x ~/.config/deep/file
hello one; other two
tail -n 1 /etc/hosts
ls /etc/debian_version 2> /dev/null || echo no version
cat node_modules/dep/index.js
tr -d z < ~/large | wc -c; wc -c < ~/large
ls /tmp/memory 2> /dev/null || echo no memory
`;

const found = [
  "kept",
  "deeper",
  "installed: one",
  "installed: two",
  "10.0.0.1 colleague",
  "no version",
  "exports.x = 1",
  "0",
  "300000",
  "no memory",
  "",
].join("\n");

/** Whether a block that this browser keeps of the machine ends with these words. */
function keeps(person: WorkspacePage, project: TestProject, words: string): Promise<boolean> {
  return person.page.evaluate(
    ([id, ending]) =>
      new Promise<boolean>((resolve, reject) => {
        const opening = indexedDB.open(`conch.machine.${id}`);
        opening.addEventListener("error", () => reject(new Error("nothing is kept")));
        opening.addEventListener("success", () => {
          const all = opening.result.transaction("blocks").objectStore("blocks").getAll();
          all.addEventListener("success", () => {
            opening.result.close();
            const texts = (all.result as Uint8Array[]).map((bytes) => new TextDecoder().decode(bytes));
            resolve(texts.some((text) => text.replace(/\0+$/, "").endsWith(ending)));
          });
        });
      }),
    [project.id, words] as const,
  );
}

/** Names of what this browser keeps of the machine, after these images were used, one after the other. */
function partsAfter(
  person: WorkspacePage,
  project: TestProject,
  images: readonly string[],
): Promise<readonly string[]> {
  return person.page.evaluate(
    ([id, used]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        const opening = indexedDB.open(`conch.machine.${id}`);
        opening.addEventListener("error", () => reject(new Error("nothing is kept")));
        opening.addEventListener("success", () => {
          const transaction = opening.result.transaction("parts", "readwrite");
          const parts = transaction.objectStore("parts");
          for (const [at, image] of used.entries()) {
            parts.put(2 ** 27, `base ${image}`);
            parts.put(1000 + at, ["used", `base ${image}`]);
          }
          const keys = parts.getAllKeys();
          transaction.addEventListener("complete", () => {
            opening.result.close();
            resolve(keys.result.filter((key) => typeof key === "string"));
          });
        });
      }),
    [project.id, images] as const,
  );
}

async function reload(person: WorkspacePage): Promise<void> {
  await person.page.reload();
  await person.ready();
}

describe("what a machine writes outside the project", () => {
  let project: TestProject;
  let ana: WorkspacePage;

  beforeAll(async () => {
    project = await world.server.createProject();
    ana = await world.enter(project.url);
    await ana.ready();
  });

  it("reaches the browser by itself, soon", async () => {
    expect(await ana.run(["bash", "-c", setUp])).toEqual({ code: 0, stdout: "", stderr: "" });
    await ana.run(["bash", "-c", "echo last > ~/last"]);
    await until("the last file is kept", () => keeps(ana, project, "last\n"), 20_000);
  });

  it("is there after a reload, and runs; /tmp is memory", async () => {
    await reload(ana);
    expect(await ana.run(["bash", "-c", look])).toEqual({ code: 0, stdout: found, stderr: "" });
    expect(ana.visitor.errors).toEqual([]);
  });

  it("is there for a terminal's shell too, which waited in the snapshot", async () => {
    await ana.page.getByRole("button", { name: "New terminal" }).click();
    const terminal = ana.page.getByRole("region", { name: "Terminal 1" });
    await terminal.locator(".xterm-screen").click();
    await ana.page.keyboard.type("hello terminal | tee /root/told\n");
    await until("it ran", async () => {
      const { stdout } = await ana.run(["bash", "-c", "cat ~/told 2> /dev/null"]);
      return stdout === "installed: terminal\n";
    });
  });

  it("is another machine's in a second tab, which says so", async () => {
    const second = await ana.visitor.context.newPage();
    await second.goto(project.url);
    await second.waitForFunction(() => globalThis.conch !== undefined);
    const run = await second.evaluate(() => globalThis.conch?.run(["bash", "-c", "ls ~/x"]));
    expect(run?.code).not.toBe(0);
    await second.getByText("whose machine is the one that is kept").waitFor();
    await second.close();
  });

  it("holds a program that the frozen machine has in use: it boots", async () => {
    await ana.run([
      "bash",
      "-c",
      "cp /bin/bash /bin/new; printf '# changed' >> /bin/new; mv /bin/new /bin/bash; sync",
    ]);
    await until("the other bash is kept", () => keeps(ana, project, "# changed"), 20_000);
    await reload(ana);
    expect(await ana.run(["bash", "-c", `tail -c 9 /bin/bash; echo; ${look}`])).toMatchObject({
      code: 0,
      stdout: `# changed\n${found}`,
    });
  });

  it("[COPY-9] survives that another image was used, of which the latest is kept besides", async () => {
    const before = await partsAfter(ana, project, ["old", "older", "latest"]);
    const own = before.filter((part) => !/old|latest/.test(part));
    await reload(ana);
    expect(await ana.run(["cat", "/root/x"])).toMatchObject({ code: 0, stdout: "kept\n" });
    expect((await partsAfter(ana, project, [])).toSorted()).toEqual([...own, "base latest"].toSorted());
  });

  it("is gone when the machine is reset, and the project is not", async () => {
    await ana.write("stays.txt", "stays\n");
    await ana.page.getByRole("button", { name: "Machine menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Reset…" }).click();
    await ana.page.getByRole("button", { name: "Reset", exact: true }).click();
    await until("it starts again", async () => (await ana.machine.innerText()).includes("running"), 60_000);
    const { stdout } = await ana.run([
      "bash",
      "-c",
      "ls -A ~/x node_modules; cat stays.txt; tail -c 9 /bin/bash",
    ]);
    expect(stdout.startsWith("stays\n")).toBe(true);
    expect(stdout).not.toContain("# changed");
  });

  it("is there without the server too", async () => {
    await ana.run(["bash", "-c", "echo offline > ~/x; sync"]);
    await until("it is kept", () => keeps(ana, project, "offline\n"), 20_000);
    await ana.keptForOffline();
    await world.server.kill();
    await reload(ana);
    expect(await ana.run(["cat", "/root/x"])).toMatchObject({ code: 0, stdout: "offline\n" });
    await world.server.start();
  });
});
