// The one door to Monaco: the parts of it that we use, its worker, our languages and its two themes.
// Loaded lazily, after the first paint.

import "./monaco-features.ts";
import "monaco-editor/languages/definitions/cpp/register.js";
import "monaco-editor/languages/definitions/css/register.js";
import "monaco-editor/languages/definitions/dockerfile/register.js";
import "monaco-editor/languages/definitions/go/register.js";
import "monaco-editor/languages/definitions/html/register.js";
import "monaco-editor/languages/definitions/ini/register.js";
import "monaco-editor/languages/definitions/java/register.js";
import "monaco-editor/languages/definitions/javascript/register.js";
import "monaco-editor/languages/definitions/lua/register.js";
import "monaco-editor/languages/definitions/markdown/register.js";
import "monaco-editor/languages/definitions/perl/register.js";
import "monaco-editor/languages/definitions/python/register.js";
import "monaco-editor/languages/definitions/r/register.js";
import "monaco-editor/languages/definitions/ruby/register.js";
import "monaco-editor/languages/definitions/rust/register.js";
import "monaco-editor/languages/definitions/scss/register.js";
import "monaco-editor/languages/definitions/shell/register.js";
import "monaco-editor/languages/definitions/sql/register.js";
import "monaco-editor/languages/definitions/typescript/register.js";
import "monaco-editor/languages/definitions/xml/register.js";
import "monaco-editor/languages/definitions/yaml/register.js";
import { editor, languages } from "monaco-editor/editor/editor.api.js";
import { effect } from "@preact/signals";
import { theme, token } from "#ui/kit/theme.ts";
import { paletteTheme } from "./palette-theme.ts";

export { Range, Selection, editor } from "monaco-editor/editor/editor.api.js";

globalThis.MonacoEnvironment = {
  getWorker: () => new Worker(new URL("./editor-worker.ts", import.meta.url), { type: "module" }),
};

/** Follows the page from light to dark: the theme is made anew from the tokens of the moment. Called once. */
export function followTheme(): void {
  effect(() => {
    const name = `conch-${theme.value}`;
    editor.defineTheme(name, paletteTheme(theme.value, token));
    editor.setTheme(name);
  });
}

/** What Monaco does not know, or (JSON) knows only with a language server: colours are all we want. Called once. */
export function registerLanguages(): void {
  registerJson();
  registerWat();
}

/** WebAssembly's text form. */
function registerWat(): void {
  languages.register({ id: "wat", extensions: [".wat"] });
  languages.setMonarchTokensProvider("wat", {
    tokenizer: {
      root: [
        [/;;.*$/, "comment"],
        [/\(;/, "comment", "@comment"],
        [/"(?:[^"\\]|\\.)*"?/, "string"],
        [/\$[^\s()";]+/, "variable"],
        [
          /\b(?:module|import|export|func|param|result|local|global|memory|data|table|elem|type|start)\b/,
          "keyword",
        ],
        [
          /\b(?:if|then|else|end|loop|block|br|br_if|br_table|return|call|call_indirect|unreachable|drop)\b/,
          "keyword",
        ],
        [/\b(?:i32|i64|f32|f64|v128|funcref|externref)\b(?!\.)/, "type"],
        [/[a-z][\w]*(?:\.[\w]+)+/, "function"],
        [/[-+]?(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)/, "number"],
      ],
      comment: [
        [/;\)/, "comment", "@pop"],
        [/./, "comment"],
      ],
    },
  });
  languages.setLanguageConfiguration("wat", { comments: { lineComment: ";;" }, brackets: [["(", ")"]] });
}

function registerJson(): void {
  languages.register({ id: "json", extensions: [".json"] });
  languages.setMonarchTokensProvider("json", {
    tokenizer: {
      root: [
        [/"(?:[^"\\]|\\.)*"(?=\s*:)/, "type"],
        [/"(?:[^"\\]|\\.)*"?/, "string"],
        [/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, "number"],
        [/\b(?:true|false|null)\b/, "keyword"],
        [/[[\]{},:]/, "delimiter"],
      ],
    },
  });
  languages.setLanguageConfiguration("json", {
    brackets: [
      ["{", "}"],
      ["[", "]"],
    ],
  });
}

// Monaco measures a character once: it must not be one of the fallback font.
void document.fonts.load('13px "JetBrains Mono"').then(() => editor.remeasureFonts());
