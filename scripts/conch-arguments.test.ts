import { describe, expect, it } from "vitest";
import { parseCommand, parseJoin, UsageError } from "./conch-arguments.ts";

describe("the command line of the headless participant", () => {
  it("takes a command with everything around it", () => {
    const join = "https://conch.example/p/abc-1#tok.en";
    const words = [
      "exec",
      "--join",
      join,
      "--put",
      "a:b:src/c",
      "--put",
      "d:e/",
      "--memory",
      "256",
      "--",
      "ls",
      "--join",
    ];
    expect(parseCommand(words)).toEqual({
      argv: ["ls", "--join"],
      join: { server: "https://conch.example", projectId: "abc-1", token: "tok.en" },
      puts: [
        { local: "a:b", path: "src/c" },
        { local: "d", path: "e/" },
      ],
      memoryBytes: 256 * 2 ** 20,
      verbose: false,
    });
    expect(parseCommand(["exec", "--", "true"])).toEqual({ argv: ["true"], puts: [], verbose: false });
  });

  it.each([
    [[], "A command is missing"],
    [["run", "--", "ls"], '"run" is no command'],
    [["exec"], "The command to run is missing"],
    [["exec", "ls"], "The command to run is missing"],
    [["exec", "--"], "The command to run is missing"],
    [["exec", "--wrong", "--", "ls"], "Unknown option '--wrong'"],
    [["exec", "--put", "a", "--", "ls"], "--put takes LOCAL:PATH"],
    [["exec", "--put", ":a", "--", "ls"], "--put takes LOCAL:PATH"],
    [["exec", "--memory", "12", "--", "ls"], "--memory takes megabytes"],
    [["exec", "--memory", "lots", "--", "ls"], "--memory takes megabytes"],
  ])("says in a sentence what is wrong with %j", (words, sentence) => {
    expect(() => parseCommand(words)).toThrow(UsageError);
    expect(() => parseCommand(words)).toThrow(sentence);
  });

  it.each([
    ["nonsense", "it should look like"],
    ["ftp://h/p/x#t", "it must begin with http"],
    ["http://h/#t", "its path should be /p/PROJECT"],
    ["http://h/p/x", "the token after # is missing"],
  ])("says what is wrong with the address %s", (address, sentence) => {
    expect(() => parseJoin(address)).toThrow(sentence);
  });
});
