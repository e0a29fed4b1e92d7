// What floats above every page: tooltips, menus, toasts. Mounted once by the composition root.

import { MenuLayer } from "./menu.tsx";
import { ToastLayer } from "./toasts.tsx";
import { TooltipLayer } from "./tooltip.tsx";

export function Layers() {
  return (
    <>
      <ToastLayer />
      <MenuLayer />
      <TooltipLayer />
    </>
  );
}
