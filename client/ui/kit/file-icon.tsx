// What kind of file it is, at a glance.

import {
  BookOpen,
  Braces,
  File,
  FileCode,
  FileText,
  Folder,
  FolderOpen,
  Image,
  Link,
  Package,
} from "lucide-preact";
import type { LucideIcon } from "lucide-preact";
import { extension } from "#core/base/path.ts";
import type { NodeKind } from "#core/project/project.ts";
import { languageOf } from "#ui/kit/language.ts";

const images = new Set([".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".ico", ".svg"]);

function iconOf(kind: NodeKind, name: string, expanded: boolean): LucideIcon {
  switch (kind) {
    case "dir":
      return expanded ? FolderOpen : Folder;
    case "symlink":
      return Link;
    case "notebook":
      return BookOpen;
    case "bytes":
      return images.has(extension(name)) ? Image : Package;
    case "text": {
      if (images.has(extension(name))) return Image;
      const language = languageOf(name);
      if (language === "json" || language === "yaml" || language === "ini") return Braces;
      if (language === "markdown") return FileText;
      return language === "plaintext" ? File : FileCode;
    }
    default:
      return kind satisfies never;
  }
}

export interface FileIconProps {
  readonly kind: NodeKind;
  readonly name: string;
  readonly expanded?: boolean;
}

export function FileIcon({ kind, name, expanded = false }: FileIconProps) {
  const Icon = iconOf(kind, name, expanded);
  return <Icon size={15} strokeWidth={1.75} aria-hidden="true" class={`file-icon file-icon-${kind}`} />;
}
