// Light or dark: the person's choice, kept in this browser, else what the system prefers.
// Sets data-theme on the root element; tells Monaco and xterm through a signal.

import { computed, effect, signal } from "@preact/signals";

type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const storageKey = "conch.theme";
const darkQuery = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(darkQuery.matches);
darkQuery.addEventListener("change", (event) => (systemDark.value = event.matches));

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system"; // storage is forbidden: the choice lasts as long as the page
  }
}

const themeChoice = signal<ThemeChoice>(storedChoice());

/** What is shown now. */
export const theme = computed<Theme>(() => {
  if (themeChoice.value !== "system") return themeChoice.value;
  return systemDark.value ? "dark" : "light";
});

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});

function setTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  try {
    if (choice === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, choice);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

/** The other theme, as a choice; back to "system" where that is what the system prefers. */
export function toggleTheme(): void {
  const next: Theme = theme.value === "dark" ? "light" : "dark";
  setTheme((next === "dark") === systemDark.value ? "system" : next);
}

/** A token's value now, for what cannot use CSS: `token("accent")` is "#d9573b". */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
