// Debian's alternatives without running anything: the update-alternatives calls of the packages' postinst scripts.

export interface Alternative {
  /** Absolute path of the generic name: /usr/bin/editor. */
  readonly link: string;
  readonly target: string;
  readonly priority: number;
}

/** The alternatives that a postinst script would register; those that need shell variables are left out. */
export function readAlternatives(script: string): Alternative[] {
  const found: Alternative[] = [];
  for (const line of script.replaceAll(/\\\n/g, " ").split("\n")) {
    const words = line.trim().replace(/;$/, "").split(/\s+/);
    if (words[0] !== "update-alternatives") continue;
    let priority = 0;
    for (let at = 1; at < words.length; at++) {
      const [option, link = "", , target = ""] = words.slice(at);
      if (option === "--install") priority = Number(words[at + 4]);
      else if (option !== "--slave") continue;
      if (link.startsWith("/") && target.startsWith("/")) found.push({ link, target, priority });
    }
  }
  return found;
}

/** For each link the target of the highest priority among those that exist. */
export function chooseAlternatives(
  all: readonly Alternative[],
  exists: (path: string) => boolean,
): Map<string, string> {
  const chosen = new Map<string, Alternative>();
  for (const alternative of all) {
    if (!exists(alternative.target)) continue;
    const best = chosen.get(alternative.link);
    if (best === undefined || alternative.priority > best.priority) chosen.set(alternative.link, alternative);
  }
  return new Map([...chosen].map(([link, { target }]) => [link, target]));
}
