import { describe, expect, it } from "vitest";
import { chooseAlternatives, readAlternatives } from "./alternatives.ts";

describe("alternatives", () => {
  it("are read with their slaves from a script's calls", () => {
    const script = [
      "set -e",
      'if [ "$1" = "configure" ]; then',
      "  update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/mawk 5 \\",
      "    --slave /usr/bin/nawk nawk /usr/bin/mawk;",
      'update-alternatives --install "$DIR"/ps ps "$DIR"/ps.procps 50',
      "update-alternatives --remove w /usr/bin/w.procps",
      "fi",
    ].join("\n");
    expect(readAlternatives(script)).toEqual([
      { link: "/usr/bin/awk", target: "/usr/bin/mawk", priority: 5 },
      { link: "/usr/bin/nawk", target: "/usr/bin/mawk", priority: 5 },
    ]);
  });

  it("go to the highest priority among what exists", () => {
    const all = [
      { link: "/usr/bin/editor", target: "/usr/bin/vim.tiny", priority: 15 },
      { link: "/usr/bin/editor", target: "/bin/nano", priority: 40 },
      { link: "/usr/bin/editor", target: "/usr/bin/emacs", priority: 90 },
    ];
    expect([...chooseAlternatives(all, (path) => !path.endsWith("emacs"))]).toEqual([
      ["/usr/bin/editor", "/bin/nano"],
    ]);
  });
});
