// Debian packages from the host's own mirror with an apt state of our own: no root, the host stays untouched.

import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../steps/process.ts";
import { BuildError } from "../steps/prerequisites.ts";

/** The suite of the host: "bookworm". */
export async function hostSuite(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const suite = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(release)?.[1];
  if (suite === undefined || !/^ID="?debian"?$/m.test(release))
    throw new BuildError("The guest is built from Debian packages: build on Debian 12 or later.");
  return suite;
}

export interface Apt {
  /** Downloads packages with all that they depend on; the paths of the .deb files, sorted. */
  downloadWithDependencies(names: readonly string[]): Promise<readonly string[]>;
  /** Downloads one package alone into `folder`; the path of its .deb file. */
  download(name: string, folder: string): Promise<string>;
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** An apt for `suite` that keeps everything below `folder`; fetches the package lists. */
export async function openApt(folder: string, suite: string, architecture = "i386"): Promise<Apt> {
  const archives = join(folder, "cache/archives");
  for (const path of ["lists/partial", "dpkg", "cache/archives/partial", "none"])
    await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, "dpkg/status"), "");
  const trust = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  await writeFile(join(folder, "sources.list"), `deb ${trust}${await hostMirror()} ${suite} main\n`);
  await writeFile(join(folder, "apt.conf"), `${await hostTransport()}${settings(folder, architecture)}`);
  const apt = (...args: string[]): Promise<string> =>
    run(["apt-get", "-q", ...args], { cwd: folder, env: { APT_CONFIG: join(folder, "apt.conf") } });

  const lists = join(folder, "lists");
  await apt("update").catch(async (error: unknown) => {
    // Without a network the lists of last time serve as well as the packages that are already here.
    if ((await readdir(lists)).some((name) => /_Packages(\.\w+)?$/.test(name))) return;
    throw new BuildError(
      `Debian's package lists cannot be fetched: check the network and /etc/apt (${lastLine(error)}).`,
    );
  });
  return {
    async downloadWithDependencies(names) {
      const planned = await apt("--simulate", "install", ...names).catch(unavailable);
      const wanted = new Set(planned.split("\n").flatMap(debNameOf));
      await apt("-y", "--download-only", "install", ...names).catch(unavailable);
      // Versions of an earlier build must not slip into this one.
      const present = (await readdir(archives)).filter((name) => name.endsWith(".deb"));
      for (const name of present) if (!wanted.has(name)) await rm(join(archives, name));
      return [...wanted].sort().map((name) => join(archives, name));
    },
    async download(name, target) {
      const before = new Set(await readdir(target));
      const env = { APT_CONFIG: join(folder, "apt.conf") };
      await run(["apt-get", "-q", "download", name], { cwd: target, env }).catch(unavailable);
      const deb = (await readdir(target)).find((file) => file.endsWith(".deb") && !before.has(file));
      if (deb === undefined) throw new BuildError(`Debian's ${suite} has no package ${name}.`);
      return join(target, deb);
    },
  };
}

function unavailable(error: unknown): never {
  throw new BuildError(
    `Debian's packages cannot be fetched: check the network and /etc/apt (${lastLine(error)}).`,
  );
}

/** What sources.list may call a suite instead of its name. */
const roles = ["oldoldstable", "oldstable", "stable", "testing"];

/** The mirror that the host's apt is set up for. */
async function hostMirror(): Promise<string> {
  const suite = await hostSuite();
  const format = "$(RELEASE) $(COMPONENT) $(CREATED_BY) $(REPO_URI)";
  // A fresh machine has no package lists yet: its sources are known all the same.
  const targets = await run(["apt-get", "indextargets", "--no-release-info", "--format", format]);
  const sources = targets.split("\n").map((line) => line.split(" "));
  const found = [suite, ...roles].flatMap((wanted) =>
    sources.filter(
      ([release, component, kind]) => release === wanted && component === "main" && kind === "Packages",
    ),
  );
  const uri = found[0]?.[3];
  if (uri === undefined)
    throw new BuildError(
      `apt on this machine has no Debian source for ${suite} main: add one to /etc/apt/sources.list.`,
    );
  return uri;
}

/** Proxies, time-outs and certificates of the host's apt; its hooks and clean-ups stay outside. */
async function hostTransport(): Promise<string> {
  const dump = await run(["apt-config", "dump"]);
  return dump
    .split("\n")
    .filter(
      (line) =>
        line.startsWith("Acquire::") && !/^Acquire::(IndexTargets|Languages|GzipIndexes)\b/.test(line),
    )
    .map((line) => `${line}\n`)
    .join("");
}

function settings(folder: string, architecture: string): string {
  const none = join(folder, "none");
  const values: Record<string, string> = {
    "APT::Architecture": architecture,
    // A mirror that does not answer is an error, not a warning.
    "APT::Update::Error-Mode": "any",
    "APT::Architectures": architecture,
    "APT::Install-Recommends": "false",
    // Our folders may lie where apt's sandbox user cannot look.
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
    "Debug::NoLocking": "1",
    "Dir::State": folder,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "dpkg/status"),
    "Dir::Cache": join(folder, "cache"),
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": none,
    "Dir::Etc::main": join(none, "apt.conf"),
    "Dir::Etc::parts": none,
    "Dir::Etc::preferences": join(none, "preferences"),
    "Dir::Etc::preferencesparts": none,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join("");
}

/**
 * The file of a package that `apt-get --simulate` would install.
 *
 * @internal
 */
export function debNameOf(line: string): string[] {
  const [, name, version, architecture] = /^Inst (\S+) \((\S+) .*\[(\w+)\]\)/.exec(line) ?? [];
  if (name === undefined || version === undefined) return [];
  return [`${name}_${version.replaceAll(":", "%3a")}_${architecture ?? ""}.deb`];
}

function lastLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error)
    .trim()
    .split("\n");
  return lines.findLast((line) => /^(E|Err)/.test(line)) ?? lines.at(-1) ?? "";
}
