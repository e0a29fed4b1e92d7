// Three-way commits: what a writer changed in its copy goes in, what colleagues changed meanwhile stays.

import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { mergeText } from "./merge.ts";
import { TextBase } from "./text-base.ts";

function textOf(content: string): Y.Text {
  const text = new Y.Doc().getText("t");
  text.insert(0, content);
  return text;
}

describe("TextBase", () => {
  it("[PR-40] keeps a line that a colleague added meanwhile", () => {
    const text = textOf("one\ntwo\nthree\n");
    const base = new TextBase(text);
    text.insert(4, "added\n");
    base.commit("one\ntwo\nthree!\n");
    expect(text.toJSON()).toBe("one\nadded\ntwo\nthree!\n");
  });

  it("[PR-41] keeps what a colleague inserted inside a part that the writer removed", () => {
    const text = textOf("aaa bbb ccc");
    const base = new TextBase(text);
    text.insert(5, "NEW");
    base.commit("aaa ccc");
    expect(text.toJSON()).toContain("NEW");
    expect(text.toJSON()).not.toContain("bbb");
  });

  it("[PR-42] does not bring back what a colleague removed", () => {
    const text = textOf("one\ntwo\nthree\n");
    const base = new TextBase(text);
    text.delete(4, 4);
    base.commit("one\ntwo\nthree\nfour\n");
    expect(text.toJSON()).toBe("one\nthree\nfour\n");
  });

  it("[PR-43] puts an append after a colleague's append", () => {
    const text = textOf("log\n");
    const base = new TextBase(text);
    text.insert(4, "theirs\n");
    base.commit("log\nmine\n");
    expect(text.toJSON()).toBe("log\ntheirs\nmine\n");
  });

  it("[PR-44] goes on from what it committed", () => {
    const text = textOf("a\n");
    const base = new TextBase(text);
    base.commit("a\nb\n");
    expect(base.text).toBe("a\nb\n");
    text.insert(0, "0\n");
    base.commit("a\nb\nc\n");
    expect(text.toJSON()).toBe("0\na\nb\nc\n");
    base.dispose();
  });

  it("[PR-40] equals a merge of the two differences, whatever happens (property)", () => {
    const word = constantFrom("a", "bb", "\n", "c ", "😀");
    const content = array(word, { maxLength: 30 }).map((words) => words.join(""));
    assert(
      property(content, content, content, (start, mine, theirs) => {
        const text = textOf(start);
        const base = new TextBase(text);
        // The colleague's change comes as one commit of theirs.
        new TextBase(text).commit(theirs);
        expect(text.toJSON()).toBe(theirs);
        base.commit(mine);
        expect(text.toJSON()).toBe(mergeText(start, mine, theirs));
        if (mine === start) expect(text.toJSON()).toBe(theirs);
        if (theirs === start) expect(text.toJSON()).toBe(mine);
      }),
    );
  });
});
