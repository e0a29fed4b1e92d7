// Which language a file's name speaks, as the ids that ui/editor knows.

import { extension } from "#core/base/path.ts";

const byExtension: Readonly<Record<string, string>> = {
  ".sh": "shell",
  ".bash": "shell",
  ".py": "python",
  ".js": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".jsx": "javascript",
  ".ts": "typescript",
  ".tsx": "typescript",
  ".c": "c",
  ".h": "c",
  ".cc": "cpp",
  ".cpp": "cpp",
  ".hpp": "cpp",
  ".go": "go",
  ".rs": "rust",
  ".java": "java",
  ".rb": "ruby",
  ".lua": "lua",
  ".pl": "perl",
  ".r": "r",
  ".sql": "sql",
  ".html": "html",
  ".htm": "html",
  ".svg": "xml",
  ".xml": "xml",
  ".css": "css",
  ".scss": "scss",
  ".md": "markdown",
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".toml": "ini",
  ".ini": "ini",
  ".wat": "wat",
  ".conf": "ini",
  ".dockerfile": "dockerfile",
};

const byName: Readonly<Record<string, string>> = {
  dockerfile: "dockerfile",
  ".bashrc": "shell",
  ".profile": "shell",
  ".gitconfig": "ini",
};

/** The language id for a file name; "plaintext" where nothing fits. */
export function languageOf(name: string): string {
  return byName[name.toLowerCase()] ?? byExtension[extension(name)] ?? "plaintext";
}
