// Whose work the guest is made of: every package with its exact version and its licence, beside the product.

import type { InstalledPackage } from "./userland/build-userland.ts";

export interface Licences {
  readonly kernel: {
    readonly package: string;
    readonly version: string;
    readonly licences: readonly string[];
  };
  readonly bios: { readonly package: string; readonly version: string; readonly licences: readonly string[] };
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly source: string;
    readonly sha256: string;
    /** Short names, as Debian's machine-readable copyright files give them; empty where the text alone tells. */
    readonly licences: readonly string[];
    readonly copyright: string;
  }[];
}

export function collectLicences(
  packages: readonly InstalledPackage[],
  kernelVersion: string,
  biosVersion: string,
): Licences {
  return {
    kernel: {
      package: "linux-source-6.1",
      version: kernelVersion,
      licences: ["GPL-2.0-only WITH Linux-syscall-note"],
    },
    bios: { package: "seabios", version: biosVersion, licences: ["LGPL-3.0-only"] },
    packages: packages.map((item) => ({ ...item, licences: shortNames(item.copyright) })),
  };
}

function shortNames(copyright: string): string[] {
  const names = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].map(([, name = ""]) => name.trim());
  return [...new Set(names)].sort();
}
