import type { Plugin } from "vite";

/** Markdown as a module: wrangler does the same by a rule of wrangler.jsonc. */
export const markdownAsText: Plugin = {
  name: "markdown-as-text",
  enforce: "pre",
  transform(code, id) {
    return id.endsWith(".md") ? `export default ${JSON.stringify(code)};` : undefined;
  },
};
