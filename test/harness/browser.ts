// Real browsers for the end-to-end tests: one Chromium, a context for each person, and a record of what must not happen
// (requests that leave the machine, errors on the console, tasks that hold up the page).

import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { ensureChromium } from "#scripts/chromium.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** One person at one browser. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** URLs outside loopback that the page asked for. */
  readonly strayRequests: readonly string[];
  /** Uncaught errors and console errors. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface VisitOptions {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Runs in the page before anything else: for taking a capability away from the browser. */
  readonly initScript?: string;
  readonly name?: string;
}

export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    const executablePath = await ensureChromium();
    return new TestBrowser(await chromium.launch({ executablePath, headless: true, args: flags }));
  }

  /** Opens `url` as a new person with a browser profile of their own. */
  async visit(url: string, options: VisitOptions = {}): Promise<Visitor> {
    const context = await this.#browser.newContext({
      viewport: options.viewport ?? { width: 1280, height: 720 },
      colorScheme: options.colorScheme ?? "light",
      reducedMotion: "reduce",
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    if (options.initScript !== undefined) await context.addInitScript(options.initScript);
    const page = await context.newPage();
    const strayRequests: string[] = [];
    const errors: string[] = [];
    const check = (address: string): void => {
      const { protocol, hostname } = new URL(address);
      if (["http:", "https:", "ws:", "wss:"].includes(protocol) && !loopback.has(hostname))
        strayRequests.push(address);
    };
    context.on("request", (request) => check(request.url()));
    page.on("websocket", (socket) => check(socket.url()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
    });
    await page.goto(url);
    return { context, page, strayRequests, errors, close: () => context.close() };
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
