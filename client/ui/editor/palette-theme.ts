// Monaco's theme made from the tokens of the interface, so that there is one palette.

import type { editor } from "monaco-editor/editor/editor.api.js";
import type { Theme } from "#ui/kit/theme.ts";

/** Monaco's token scopes and the palette entry of each. */
const scopes: readonly (readonly [scope: string, name: string, style?: string])[] = [
  ["", "ink"],
  ["comment", "syntax-comment", "italic"],
  ["keyword", "syntax-keyword"],
  ["keyword.md", "syntax-keyword", "bold"],
  ["string", "syntax-string"],
  ["string.escape", "syntax-number"],
  ["regexp", "syntax-string"],
  ["number", "syntax-number"],
  ["constant", "syntax-number"],
  ["type", "syntax-type"],
  ["type.identifier", "syntax-type"],
  ["namespace", "syntax-type"],
  ["function", "syntax-function"],
  ["predefined", "syntax-function"],
  ["attribute.name", "syntax-variable"],
  ["attribute.value", "syntax-string"],
  ["variable", "syntax-variable"],
  ["annotation", "syntax-variable"],
  ["metatag", "syntax-comment"],
  ["tag", "syntax-tag"],
  ["delimiter", "ink-2"],
  ["operator", "ink-2"],
  ["strong", "ink", "bold"],
  ["emphasis", "ink", "italic"],
];

const colors: readonly (readonly [color: string, name: string])[] = [
  ["editor.background", "surface"],
  ["editor.foreground", "ink"],
  ["editorCursor.foreground", "accent"],
  ["editor.selectionBackground", "editor-selection"],
  ["editor.inactiveSelectionBackground", "editor-selection"],
  ["editor.selectionHighlightBackground", "hover"],
  ["editor.wordHighlightBackground", "hover"],
  ["editor.wordHighlightStrongBackground", "active"],
  ["editor.wordHighlightTextBackground", "hover"],
  ["editor.lineHighlightBackground", "editor-line"],
  ["editor.lineHighlightBorder", "editor-line"],
  ["editorLineNumber.foreground", "ink-3"],
  ["editorLineNumber.activeForeground", "ink"],
  ["editorGutter.background", "surface"],
  ["editorIndentGuide.background1", "line"],
  ["editorIndentGuide.activeBackground1", "line-strong"],
  ["editorWhitespace.foreground", "line-strong"],
  // One hue for each kind of token is enough: brackets look like other delimiters. The option that turns their
  // colours off belongs to models, and Monaco turns it on again when another editor of the page has other options.
  ...["foreground1", "foreground2", "foreground3", "unexpectedBracket.foreground"].map(
    (of) => [`editorBracketHighlight.${of}`, "ink-2"] as const,
  ),
  ["editorBracketMatch.background", "accent-soft"],
  ["editorBracketMatch.border", "accent"],
  ["editor.findMatchBackground", "warning-soft"],
  ["editor.findMatchBorder", "warning"],
  ["editor.findMatchHighlightBackground", "warning-soft"],
  ["editorWidget.background", "overlay"],
  ["editorWidget.foreground", "ink"],
  ["editorWidget.border", "line"],
  ["editorHoverWidget.background", "overlay"],
  ["editorHoverWidget.border", "line"],
  ["editorSuggestWidget.background", "overlay"],
  ["editorSuggestWidget.border", "line"],
  ["editorSuggestWidget.foreground", "ink"],
  ["editorSuggestWidget.selectedBackground", "active"],
  ["editorSuggestWidget.selectedForeground", "ink"],
  ["editorSuggestWidget.highlightForeground", "accent-strong"],
  ["list.hoverBackground", "hover"],
  ["list.activeSelectionBackground", "active"],
  ["list.activeSelectionForeground", "ink"],
  ["list.focusBackground", "active"],
  ["quickInput.background", "overlay"],
  ["quickInput.foreground", "ink"],
  ["quickInputList.focusBackground", "active"],
  ["quickInputList.focusForeground", "ink"],
  ["menu.background", "overlay"],
  ["menu.foreground", "ink"],
  ["menu.border", "line"],
  ["menu.selectionBackground", "hover"],
  ["menu.selectionForeground", "ink"],
  ["menu.separatorBackground", "line"],
  ["input.background", "surface"],
  ["input.foreground", "ink"],
  ["input.border", "line-strong"],
  ["input.placeholderForeground", "ink-3"],
  ["inputOption.activeBackground", "accent-soft"],
  ["inputOption.activeBorder", "accent"],
  ["inputOption.activeForeground", "ink"],
  ["focusBorder", "accent"],
  ["foreground", "ink"],
  ["icon.foreground", "ink-2"],
  ["textLink.foreground", "accent-strong"],
  ["textLink.activeForeground", "accent-strong"],
  ["editorLink.activeForeground", "accent-strong"],
  ["scrollbar.shadow", "line"],
  ["scrollbarSlider.background", "line"],
  ["scrollbarSlider.hoverBackground", "line-strong"],
  ["scrollbarSlider.activeBackground", "line-strong"],
  ["editorOverviewRuler.border", "surface"],
];

/** The palette entry of a token such as "keyword.flow.python": that of the longest scope it begins with. */
export function paletteEntry(token: string): string {
  let best: readonly [scope: string, name: string] = ["", "ink"];
  for (const [scope, name] of scopes)
    if ((token === scope || token.startsWith(`${scope}.`)) && scope.length >= best[0].length)
      best = [scope, name];
  return best[1];
}

export function paletteTheme(theme: Theme, token: (name: string) => string): editor.IStandaloneThemeData {
  return {
    base: theme === "dark" ? "vs-dark" : "vs",
    inherit: true,
    rules: scopes.map(([scope, name, fontStyle]) => ({
      token: scope,
      foreground: token(name).slice(1),
      ...(fontStyle === undefined ? {} : { fontStyle }),
    })),
    colors: Object.fromEntries(colors.map(([color, name]) => [color, token(name)])),
  };
}
