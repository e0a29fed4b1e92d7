// An input method at a page: composes as Chromium's own input methods do, key by key.

import type { CDPSession, Page } from "playwright-core";

/** ms between two keys of somebody who types fast. */
export const keyDelay = 30;

/** The code that a key has while it belongs to an input method. */
const ofInputMethod = 229;

export class Composer {
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async at(page: Page): Promise<Composer> {
    return new Composer(page, await page.context().newCDPSession(page));
  }

  /** Shows these one after the other as the text that is being composed. */
  async compose(...stages: readonly string[]): Promise<void> {
    for (const text of stages) {
      await this.#session.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
      await this.#page.waitForTimeout(keyDelay);
    }
  }

  /** A key that the input method takes: the page hears of it, as of one that belongs to a composition. */
  async press(key: "Enter" | "Escape" | "ArrowDown"): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode: ofInputMethod };
    await this.#session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.#session.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Ends the composition with this text. */
  async commit(text: string): Promise<void> {
    await this.#session.send("Input.insertText", { text });
  }
}
