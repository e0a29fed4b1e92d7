import { describe, expect, it } from "vitest";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { errorLine, lookOf, runWords, shownRuns } from "./run-view-model.ts";

function run(changes: Partial<RunRecord>): RunRecord {
  return {
    id: "r",
    by: { id: "ana", name: "Ana", color: "#c2410c" },
    client: 1,
    machine: "Ana's machine",
    sourceHash: "",
    started: 1_000,
    duration: 100,
    code: 0,
    state: "done",
    channel: "c",
    ...changes,
  };
}

const ben = { id: "ben", name: "Ben", color: "#0369a1" };

describe("the runs that are shown", () => {
  it("is the newest alone when the others ended before", () => {
    const runs = [run({ id: "b", started: 2_000, by: ben }), run({ id: "a" })];
    expect(shownRuns(runs, (each) => each.state).map(({ id }) => id)).toEqual(["b"]);
  });

  it("is both when two people ran at the same time", () => {
    const runs = [run({ id: "b", started: 1_050, by: ben }), run({ id: "a" })];
    expect(shownRuns(runs, (each) => each.state).map(({ id }) => id)).toEqual(["b", "a"]);
  });

  it("never hides a run that goes on", () => {
    const runs = [run({ id: "b", started: 9_000, by: ben }), run({ id: "a", state: "running" })];
    expect(shownRuns(runs, (each) => each.state).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(shownRuns(runs, () => "lost").map(({ id }) => id)).toEqual(["b"]);
  });
});

describe("words", () => {
  it("says nothing of what went well and quickly", () => {
    expect(runWords(run({}), "done", true, "", false)).toBeUndefined();
  });

  it("takes the place of the input line of a run that was watched", () => {
    expect(runWords(run({ duration: 3_200 }), "done", true, "", true)).toBe("Ran 3.2 s");
  });

  it("names the code and the error", () => {
    const failed = run({ code: 127 });
    expect(lookOf(failed, "done")).toBe("failed");
    const error = "bash: line 9: foo: command not found";
    expect(runWords(failed, "failed", true, `${"hello\n".repeat(20)}${error}`, false)).toBe(
      `Exit code 127: ${error}`,
    );
    expect(runWords(failed, "failed", true, error, false)).toBe("Exit code 127");
  });

  it("names the machine where it is somebody else's", () => {
    expect(runWords(run({ state: "running" }), "running", false, "", false)).toBe("Running on Ana's machine");
  });

  it("takes the last line of a traceback", () => {
    const text =
      'Traceback (most recent call last):\n  File "<cell>", line 1\nNameError: name is not defined\n';
    expect(errorLine(text)).toBe("NameError: name is not defined");
  });
});
