// The guest over HTTP, from a server on loopback that may answer badly.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpProductSource } from "./http-source.ts";

const content = Buffer.from("x".repeat(100_000) + Math.random());
const packed = gzipSync(content);

const answers: Record<string, (response: ServerResponse) => void> = {
  "/good": (response) => response.end(packed),
  "/damaged": (response) =>
    response.end(packed.map((byte, index) => (index === packed.length >> 1 ? ~byte : byte))),
  "/page": (response) => response.end("<!doctype html>"),
  "/portal": (response) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end("<title>Sign in</title>"),
  "/cut": (response) => {
    response.writeHead(200, { "Content-Length": packed.length });
    response.write(packed.subarray(0, packed.length >> 1), () => response.destroy());
  },
};
const server = createServer(({ url = "" }, response) => {
  const answer = answers[url];
  if (answer === undefined) response.writeHead(404).end();
  else answer(response);
});
let base = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe("the guest over HTTP", () => {
  it("is unpacked on the way, and says how much has come", async () => {
    let loaded = 0;
    const unpacked = await httpProductSource(base).unpack("good", (bytes) => (loaded += bytes));
    expect(content.equals(unpacked)).toBe(true);
    expect(loaded).toBe(packed.length);
    expect(packed.equals(await httpProductSource(base).read("good"))).toBe(true);
  });

  it.each(["damaged", "page"])("says that it arrived damaged: %s", async (file) => {
    await expect(httpProductSource(base).unpack(file)).rejects.toThrow(
      `A part of Linux arrived damaged (${file}). Reload the page to fetch it again.`,
    );
  });

  it("says that the server cannot be reached, at the beginning and in the middle", async () => {
    await expect(httpProductSource(base).unpack("cut")).rejects.toThrow("The server cannot be reached");
    await expect(httpProductSource("http://127.0.0.1:9/", { retryWaits: [] }).read("good")).rejects.toThrow(
      "The server cannot be reached",
    );
  });

  it("does not take a page for a part of Linux", async () => {
    await expect(httpProductSource(base, { retryWaits: [] }).read("portal")).rejects.toThrow(
      "The server cannot be reached",
    );
  });

  it("tries again what a running machine needs, and gives up a line over which nothing comes", async () => {
    let failures = 2;
    let asked = 0;
    answers["/restarting"] = (response) => {
      asked += 1;
      if (failures-- > 0) response.destroy();
      else response.end(packed);
    };
    const source = httpProductSource(base, { retryWaits: [1, 1] });
    expect(packed.equals(await source.read("restarting"))).toBe(true);
    expect(asked).toBe(3);

    let silent = 0;
    answers["/silent"] = () => {
      silent += 1; // and never answers
    };
    const impatient = httpProductSource(base, { retryWaits: [1], silence: 50 });
    await expect(impatient.read("silent")).rejects.toThrow("The server cannot be reached");
    // It has just been found that waiting does not help.
    await expect(impatient.read("silent")).rejects.toThrow("The server cannot be reached");
    expect(silent).toBe(3);
  });

  it("says that the server has none, or not all of it", async () => {
    await expect(httpProductSource(base).read("guest.json")).rejects.toThrow(
      "This server has no Linux to offer",
    );
    await expect(httpProductSource(base).read("other")).rejects.toThrow("status 404");
  });
});
