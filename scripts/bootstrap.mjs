// Installs the npm dependencies where they are missing or older than the lock file. Plain Node: nothing is installed
// yet when it runs. Knows nothing of what comes after it.

import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const lock = join(root, "package-lock.json");
/** npm writes it at the end of an installation. */
const installed = join(root, "node_modules/.package-lock.json");

/** @param {string} sentence */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Conch needs Node 20.19 or later, this is ${process.versions.node}: install a newer Node.`);

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true)
    fail("node_modules is a symbolic link, and npm would empty what it leads to: remove it and start again.");
  process.stdout.write("Installing the npm dependencies…\n");
  const { status } = spawnSync("npm", ["ci"], { cwd: root, stdio: "inherit" });
  if (status !== 0)
    fail(
      "The npm dependencies could not be installed: see above, then start again (npm ci is the step that failed).",
    );
}
