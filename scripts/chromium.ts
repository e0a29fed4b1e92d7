// Debian's Chromium for the end-to-end tests: finds it, or installs it with apt.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const path = "/usr/bin/chromium";

/** The browser's path. Throws one sentence where there is none and none can be installed. */
export async function ensureChromium(): Promise<string> {
  if (existsSync(path)) return path;
  const root = process.getuid?.() === 0;
  if (root && existsSync("/usr/bin/apt-get")) {
    process.stdout.write("── installing Debian's chromium for the end-to-end tests (once, about a minute)\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
    spawnSync("apt-get", ["install", "-y", "-qq", "chromium"], {
      stdio: ["ignore", "ignore", "inherit"],
      env,
    });
  }
  if (existsSync(path)) return path;
  throw new Error(
    "The end-to-end tests need Debian's Chromium: run `apt-get install -y chromium` as root, then try again.",
  );
}
