// What the packages' maintainer scripts would have done, and our own settings: no script of a package ever runs.

import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Alternative } from "./alternatives.ts";
import { chooseAlternatives } from "./alternatives.ts";
import { encodeLdCache, findLibraries } from "./ld-cache.ts";
import type { DirectoryNode, Tree } from "./tree.ts";
import { byBytes } from "./tree.ts";

const here = import.meta.dirname;
/** Copied over the tree as they are: /etc as we like it. */
const settingsFolder = join(here, "files");

/** Where the init mounts kernel file systems, and where the machine mounts its own. */
const mountPoints = [
  "proc",
  "sys",
  "dev",
  "run",
  "tmp",
  "project",
  "task",
  "home",
  "mnt",
  "opt",
  "srv",
  "var/tmp",
];
const worldWritable = 0o1777;

/** i386 only: the folders of ld.so.conf and the loader's own. */
const libraryFolders = ["usr/local/lib", "usr/lib/i386-linux-gnu", "usr/lib"];

export function configure(tree: Tree, alternatives: readonly Alternative[], dpkgStatus: string): void {
  for (const path of mountPoints) tree.mkdir(path);
  for (const path of ["tmp", "var/tmp"]) tree.mkdir(path, worldWritable);
  tree.mkdir("root", 0o700);
  // What Debian's base-files makes when it is installed: where people put what they install themselves.
  for (const name of ["bin", "sbin", "lib", "share", "include", "src", "etc"])
    tree.mkdir(`usr/local/${name}`);
  linkVar(tree);
  makeUsers(tree);
  copySettings(tree);

  for (const [link, target] of chooseAlternatives(alternatives, (path) => tree.get(path) !== undefined))
    if (tree.get(link) === undefined) tree.symlink(link, target);
  // Names that people type and no package owns.
  for (const [name, target] of [
    ["python", "python3"],
    ["vim", "vim.tiny"],
  ] as const)
    if (tree.get(`usr/bin/${name}`) === undefined && tree.get(`usr/bin/${target}`) !== undefined)
      tree.symlink(`usr/bin/${name}`, target);

  tree.write("etc/nsswitch.conf", tree.text("usr/share/libc-bin/nsswitch.conf"));
  tree.write("etc/shells", "/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n");
  tree.symlink("etc/mtab", "../proc/self/mounts");
  tree.symlink("etc/localtime", "/usr/share/zoneinfo/Etc/UTC");
  tree.write("etc/timezone", "Etc/UTC\n");
  tree.mkdir("var/lib/dpkg/info");
  tree.write("var/lib/dpkg/status", dpkgStatus);
  tree.write("var/lib/dpkg/available", "");
  bundleCertificates(tree);
  makePam(tree);
  tree.write("etc/ld.so.cache", encodeLdCache(findLibraries(tree, libraryFolders)));
}

function linkVar(tree: Tree): void {
  for (const path of ["var/mail", "var/opt", "var/spool", "var/cache", "var/log", "var/lib/misc"])
    tree.mkdir(path);
  for (const [path, target] of [
    ["var/run", "/run"],
    ["var/lock", "/run/lock"],
  ] as const) {
    tree.remove(path);
    tree.symlink(path, target);
  }
}

function makeUsers(tree: Tree): void {
  const passwd = tree.text("usr/share/base-passwd/passwd.master").replace(/^root:\*:/m, "root:x:");
  const group = tree.text("usr/share/base-passwd/group.master").replace(/^root:\*:/m, "root:x:");
  tree.write("etc/passwd", passwd.replaceAll(/^([^:]+):\*:/gm, "$1:x:"));
  tree.write("etc/group", group.replaceAll(/^([^:]+):\*:/gm, "$1:x:"));
  const names = (text: string): string[] =>
    text
      .trim()
      .split("\n")
      .map((line) => line.split(":")[0] ?? "");
  // Nobody can log in with a password: everything is started by the machine.
  tree.write(
    "etc/shadow",
    names(passwd)
      .map((name) => `${name}:*:19000:0:99999:7:::\n`)
      .join(""),
    0o640,
  );
  tree.write(
    "etc/gshadow",
    names(group)
      .map((name) => `${name}:*::\n`)
      .join(""),
    0o640,
  );
}

function copySettings(tree: Tree): void {
  for (const entry of readdirSync(settingsFolder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    tree.write(relative(settingsFolder, path), readFileSync(path));
  }
}

function bundleCertificates(tree: Tree): void {
  const folder = tree.get("usr/share/ca-certificates/mozilla");
  if (folder?.kind !== "directory") return;
  const texts = files(folder).map((data) => data.toString("latin1").trimEnd());
  tree.write("etc/ssl/certs/ca-certificates.crt", `${texts.join("\n")}\n`);
}

function files(folder: DirectoryNode): Buffer[] {
  const sorted = [...folder.entries].sort(([a], [b]) => byBytes(a, b));
  return sorted.flatMap(([, node]) => (node.kind === "file" ? [node.data] : []));
}

/** What pam-auth-update would write: su and passwd need it. */
function makePam(tree: Tree): void {
  const line = (type: string, control = "required"): string => `${type} ${control} pam_unix.so\n`;
  tree.write("etc/pam.d/common-auth", line("auth"));
  tree.write("etc/pam.d/common-account", line("account"));
  tree.write("etc/pam.d/common-password", "password required pam_unix.so obscure yescrypt\n");
  tree.write("etc/pam.d/common-session", line("session"));
  tree.write("etc/pam.d/common-session-noninteractive", line("session"));
}
