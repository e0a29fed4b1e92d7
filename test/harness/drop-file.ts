// A file or folder of this disk that is dropped on a page, as a file manager does.

import type { Locator, Page } from "playwright-core";

/** Near the lower edge of the target. */
export async function dropFile(page: Page, path: string, target: Locator): Promise<void> {
  const box = await target.boundingBox();
  if (box === null) throw new Error("the target is not shown");
  const session = await page.context().newCDPSession(page);
  const place = { x: box.x + box.width / 2, y: box.y + box.height - 8 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", {
      type,
      ...place,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
}
