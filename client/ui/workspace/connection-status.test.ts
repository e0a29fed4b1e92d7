// The words of the status line.

import { expect, it } from "vitest";
import { connectionStatus } from "./connection-status.ts";

it("says Saved only when it is", () => {
  expect(connectionStatus({ kind: "online" }, 0).text).toBe("Saved");
  expect(connectionStatus({ kind: "online" }, 3).text).toBe("Not saved to the server yet (3 changes)");
  expect(connectionStatus({ kind: "connecting" }, 1).text).toBe("Not saved to the server yet (1 change)");
  expect(connectionStatus({ kind: "online" }, 0, { ok: true }, true, false).text).toBe("Up to date");
  expect(connectionStatus({ kind: "connecting" }, 0).text).toBe("Connecting…");
});

it("says what is safe when the server is gone, and why when it refuses", () => {
  const offline = { kind: "offline", since: 0 } as const;
  expect(connectionStatus(offline, 0).text).toBe(
    "The server cannot be reached. You can go on; everything is kept here.",
  );
  expect(connectionStatus(offline, 2).text).toBe(
    "The server cannot be reached. Not saved to the server yet (2 changes).",
  );
  expect(connectionStatus({ kind: "refused", reason: "This link has expired." }, 0)).toMatchObject({
    text: "This link has expired.",
    tone: "danger",
  });
});

it("tells whether the tab may be closed", () => {
  const offline = { kind: "offline", since: 0 } as const;
  expect(connectionStatus(offline, 2, { ok: true }, true).detail).toContain("kept in this browser");
  expect(connectionStatus(offline, 2, { ok: true }, false).detail).toContain("leave this tab open");
});

it("never says Saved while the server cannot write", () => {
  const full = connectionStatus({ kind: "online" }, 2, { ok: false, reason: "The server's disk is full." });
  expect(full).toMatchObject({ text: "Not saved to the server (2 changes)", tone: "danger" });
  expect(full.detail).toContain("The server's disk is full.");
});
