import { describe, expect, it } from "vitest";
import { debNameOf } from "./apt.ts";

describe("debNameOf", () => {
  it("names the file of a package that apt would install", () => {
    const line = "Inst git (1:2.39.5-0+deb12u3 Debian:12.15/oldstable [i386])";
    expect(debNameOf(line)).toEqual(["git_1%3a2.39.5-0+deb12u3_i386.deb"]);
    expect(debNameOf("Inst base-files (12.4+deb12u15 Debian:12.15/oldstable [i386]) []")).toEqual([
      "base-files_12.4+deb12u15_i386.deb",
    ]);
  });

  it("leaves every other line out", () => {
    for (const line of ["", "Reading package lists...", "Conf git (1:2.39.5-0+deb12u3 Debian:12.15 [i386])"])
      expect(debNameOf(line)).toEqual([]);
  });
});
