// What programs show in their output: drawn for whoever watches, now and later, and unable to do anything else.

import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync } from "node:zlib";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printDisplay } from "#core/notebook/output/display.ts";
import type { TestProject } from "#test/harness/server.ts";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const file = "show.nb.md";
const machineLimit = 90_000;
let project: TestProject;
let ana: WorkspacePage;

/** A picture of one colour, as a program would write it. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x99)]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk("IDAT", deflateSync(rows));
  return Buffer.concat([signature, chunk("IHDR", header), data, chunk("IEND", Buffer.alloc(0))]);
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** Puts a blob into the project as a guest's `display` does, and gives a command that prints its marker. */
async function shown(name: string, mime: string, content: string | Buffer): Promise<string> {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const response = await fetch(`${world.server.origin}/api/projects/${project.id}/blobs/${hash}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${project.token}` },
    body: bytes,
  });
  if (!response.ok) throw new Error(await response.text());
  const marker = printDisplay({ hash, size: bytes.length, mime, name });
  return `printf '%b\\n' '${marker.replaceAll("\u001B", "\\033").replaceAll("\u0007", "\\007")}'`;
}

const fence = (name: string, ...lines: readonly string[]): string =>
  `\`\`\`sh {name="${name}"}\n${lines.join("\n")}\n\`\`\`\n`;

async function logOf(person: WorkspacePage, name: string): Promise<Locator> {
  return (await person.cell(file, name)).getByRole("log", { name: "Output" });
}

async function run(name: string): Promise<Locator> {
  const cell = await ana.cell(file, name);
  await ana.runCell(cell);
  await until(`${name} is done`, async () => (await cell.getAttribute("data-state")) === "done");
  return logOf(ana, name);
}

beforeAll(async () => {
  project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  await ana.run(["true"]);
}, machineLimit);

describe("what is shown", () => {
  it("[NB-60] [NB-63] is drawn among the lines, for the others too, and after a reload", async () => {
    const csv = ["name,count", ...Array.from({ length: 300 }, (_, row) => `row ${row},${row}`)].join("\n");
    await ana.write(
      file,
      [
        fence("pictures", "echo before", await shown("grey.png", "image/png", png(300, 200)), "echo after"),
        fence(
          "texts",
          await shown(
            "notes.md",
            "text/markdown",
            "# Notes\n\n*one* [link](https://a.example/) <b>no</b>\n\n> So $x_1*y*z_1\\,b$ is $$\n> a \\\\ b\n> $$ for $5.",
          ),
          await shown("table.csv", "text/csv", csv),
          await shown("data.json", "application/json", '{"list": [1, 2, {"deep": true}], "name": "Zoë"}'),
        ),
        fence("others", await shown("song.ogg", "audio/ogg", "OggS"), "echo end"),
        fence("gone", `printf '\\033]6973;display;${"0".repeat(64)};9;image/png;lost.png\\007\\n'`),
      ].join("\n"),
    );
    await ana.openFile(file);
    const bo = await world.enter(project.url, { colorScheme: "dark" });
    await bo.ready();
    await bo.openFile(file);
    await run("pictures");
    await run("texts");
    await run("others");
    for (const person of [ana, bo]) await looksRight(person);
    await bo.page.reload();
    await bo.ready();
    await looksRight(bo);
    expect([...ana.visitor.errors, ...bo.visitor.errors]).toEqual([]);
    await bo.visitor.close();
  });

  async function looksRight(person: WorkspacePage): Promise<void> {
    const pictures = await logOf(person, "pictures");
    const image = pictures.getByRole("img", { name: "grey.png" });
    await image.waitFor();
    expect(await image.boundingBox()).toMatchObject({ width: 300, height: 200 });
    const lines = await pictures
      .locator(".output-line")
      .evaluateAll((all) => all.map((line) => line.className));
    expect(lines).toEqual(["output-line", "output-line output-display", "output-line"]);

    const texts = await logOf(person, "texts");
    await texts.getByRole("heading", { name: "Notes" }).waitFor();
    const link = texts.getByRole("link", { name: "link" });
    expect([await link.getAttribute("rel"), await link.getAttribute("target")]).toEqual([
      "noopener noreferrer",
      "_blank",
    ]);
    expect(await texts.locator("b").count()).toBe(0);
    expect(await texts.locator("blockquote code").allTextContents()).toEqual([
      "$x_1*y*z_1\\,b$",
      "$$\na \\\\ b\n$$",
    ]);
    expect(await texts.getByRole("row").count()).toBe(201);
    await texts.getByText("100 more rows in the file").waitFor();
    const tree = texts.getByRole("group", { name: "data.json" });
    expect(await tree.innerText()).toContain('"deep": true');
    await tree.getByRole("button", { name: /list/ }).click();
    expect(await tree.innerText()).not.toContain('"deep": true');

    const others = await logOf(person, "others");
    await others.getByText("audio/ogg · 4 bytes").waitFor();
    await others.getByRole("button", { name: "Download" }).waitFor();
  }

  it("[NB-63] says so where its content cannot be had", async () => {
    const log = await run("gone");
    await log.getByRole("status", { name: "Fetching lost.png" }).waitFor();
    await log.getByRole("alert").filter({ hasText: "lost.png (9 bytes) cannot be fetched now" }).waitFor({
      timeout: 60_000,
    });
  });

  it("draws the first of very many, and the others when asked", async () => {
    const show = await shown("grey.png", "image/png", png(30, 20));
    await ana.write(file, fence("many", `for i in {1..80}; do ${show}; done`));
    await ana.openFile(file);
    const log = await run("many");
    await until(
      "60 are drawn",
      async () => (await log.getByRole("img", { name: "grey.png" }).count()) === 60,
    );
    const others = log.getByRole("button", { name: "Show grey.png" });
    // The output may still be coming.
    await until("20 wait", async () => (await others.count()) === 20);
    await others.first().click();
    await until("one more is", async () => (await log.getByRole("img", { name: "grey.png" }).count()) === 61);
  });
});

describe("what is shown by somebody hostile", () => {
  let elsewhere: Server;
  const asked: string[] = [];
  const datagrams = createSocket("udp4");
  let target = "";

  beforeAll(async () => {
    elsewhere = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
      response.end("hello");
    });
    datagrams.on("message", () => asked.push("a datagram"));
    await Promise.all([
      new Promise<void>((resolve) => {
        elsewhere.listen(0, "127.0.0.1", resolve);
      }),
      new Promise<void>((resolve) => {
        datagrams.bind(0, "127.0.0.1", resolve);
      }),
    ]);
    target = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    elsewhere.close();
    datagrams.close();
  });

  it("[NB-64] is a page that runs its scripts and reaches nothing", async () => {
    const page = hostilePage(target, datagrams.address().port, world.server.origin, project.id);
    await ana.write(file, fence("page", await shown("evil.html", "text/html", page)));
    await ana.openFile(file);
    const errors = ana.visitor.errors.length;
    const log = await run("page");
    const frame = log.frameLocator("iframe");
    const verdict = frame.locator("#verdict");
    await until("all was tried", async () => (await verdict.textContent()) === "done");
    const results = JSON.parse((await frame.locator("#results").textContent()) ?? "{}") as object;
    expect(results).toEqual({
      origin: "null",
      isolated: false,
      parent: "SecurityError",
      conch: "SecurityError",
      cookie: "SecurityError",
      localStorage: "SecurityError",
      indexedDB: "blocked",
      caches: "blocked",
      serviceWorker: "blocked",
      fetch: "blocked",
      fetchApp: "blocked",
      socket: "blocked",
      worker: "blocked",
      popup: "null",
      top: "blocked",
      script: "blocked",
      picture: "blocked",
      style: "blocked",
      frame: "empty",
      modal: "blocked",
    });
    // What needs no answer: it submits, follows, calls. The page stays, and nobody has been asked. (Chromium opens a
    // connection for a navigation before it refuses it; nothing goes over it.)
    await new Promise((resolve) => {
      setTimeout(resolve, 1_000);
    });
    expect(asked).toEqual([]);
    expect(ana.page.url()).toContain(`/p/${project.id}`);
    expect(ana.page.context().pages()).toHaveLength(1);
    // As high as its content, and no higher than an output may be.
    await until("it has its height", async () => {
      const height = (await log.locator("iframe").boundingBox())?.height ?? 0;
      return height > 200 && height <= 562;
    });
    // The page complained about what it was refused, nothing else did.
    for (const error of ana.visitor.errors.slice(errors))
      expect(error).toMatch(/Content Security Policy|sandbox|Blocked|Failed to|Unsafe attempt/i);
  });

  it("[NB-64] is a page that leaves: the frame goes nowhere", async () => {
    const leaving = [
      `<meta http-equiv="refresh" content="0; url=${target}/refresh">`,
      `<script>setTimeout(() => { location.href = "${target}/leave"; }, 200)</script>`,
      `<script>setTimeout(() => { location.href = "/p/${project.id}"; }, 600)</script>`,
    ];
    await ana.write(
      file,
      leaving.map((page, index) => fence(`leave ${index}`, `#${page.length}`)).join("\n"),
    );
    for (const [index, page] of leaving.entries()) {
      await ana.write(file, fence("leave", await shown(`leave-${index}.html`, "text/html", page)));
      await ana.openFile(file);
      await run("leave");
      await new Promise((resolve) => {
        setTimeout(resolve, 1_200);
      });
    }
    expect(asked).toEqual([]);
    expect(ana.page.url()).toContain(`/p/${project.id}`);
    const frames = ana.page.frames().map((each) => each.url());
    expect(frames.filter((url) => url.startsWith(target))).toEqual([]);
    // Where a project's page was asked for, it is refused: nobody can be made to click in it.
    for (const each of ana.page.frames().slice(1)) expect(await each.locator(".workspace").count()).toBe(0);
  });

  it("[NB-63] is an SVG that stays a picture", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="80" height="40" onload="top.hacked = 1">
<script>top.hacked = 2; fetch("${target}/svg-script")</script>
<image xlink:href="${target}/svg-image" width="10" height="10"/>
<foreignObject width="80" height="40"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${target}/svg-frame"/></foreignObject>
<rect width="80" height="40" fill="red"/></svg>`;
    await ana.write(file, fence("svg", await shown("evil.svg", "image/svg+xml", svg)));
    await ana.openFile(file);
    const log = await run("svg");
    const image = log.getByRole("img", { name: "evil.svg" });
    await image.waitFor();
    expect(await image.boundingBox()).toMatchObject({ width: 80, height: 40 });
    expect(await ana.page.evaluate(() => "hacked" in globalThis)).toBe(false);
    expect(asked).toEqual([]);
  });
});

/** Tries everything, and writes down what happened. */
function hostilePage(target: string, datagrams: number, app: string, id: string): string {
  return `<h1>Hello</h1><div style="height: 900px">tall</div><pre id="results"></pre><p id="verdict"></p>
<iframe id="inner" src="${target}/frame"></iframe>
<iframe srcdoc='<script>new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${datagrams}" }] }).createDataChannel("x")</script>'></iframe>
<form id="form" action="${target}/form" method="post"><input name="a" value="b"></form>
<a id="ping" href="#x" ping="${target}/ping">ping</a>
<link rel="preconnect" href="${target}"><link rel="prefetch" href="${target}/prefetch"><link rel="stylesheet" href="${target}/sheet">
<script>
const results = {};
const name = (error) => error && error.name || String(error);
const sync = (key, work) => { try { results[key] = String(work()); } catch (error) { results[key] = name(error); } };
const refused = (work) => Promise.race([
  Promise.resolve().then(work).then(() => "reached", () => "blocked"),
  new Promise((resolve) => setTimeout(() => resolve("blocked"), 1500)),
]);
const loads = (tag, set) => refused(() => new Promise((resolve, reject) => {
  const element = document.createElement(tag);
  element.onload = resolve; element.onerror = reject; set(element); document.body.append(element);
}));
sync("origin", () => self.origin);
results.isolated = self.crossOriginIsolated;
sync("parent", () => parent.document.title);
sync("conch", () => parent.conch);
sync("cookie", () => document.cookie);
sync("localStorage", () => localStorage.length);
sync("popup", () => window.open("${target}/popup"));
(async () => {
  const call = \`try {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${datagrams}" }] });
    peer.createDataChannel("x");
    peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  } catch {}\`;
  const dynamic = document.createElement("script");
  dynamic.textContent = call;
  document.body.append(dynamic);
  const page = "<script>" + call + "<\\/script>";
  const frames = ["setAttribute", "property", "innerHTML"].map((way) => {
    const place = document.createElement("div");
    const frame = document.createElement("iframe");
    if (way === "setAttribute") frame.setAttribute("src" + "doc", page);
    else if (way === "property") frame["src" + "doc"] = page;
    place.append(frame);
    if (way === "innerHTML") place.innerHTML = "<iframe src" + "doc='" + page + "'></iframe>";
    document.body.append(place);
  });
  const parsed = new DOMParser().parseFromString("<iframe src" + "doc='" + page + "'></iframe>", "text/html");
  document.body.append(document.adoptNode(parsed.querySelector("iframe")));
  results.indexedDB = await refused(() => new Promise((resolve, reject) => {
    const request = indexedDB.open("x"); request.onsuccess = resolve; request.onerror = reject;
  }));
  results.caches = await refused(() => caches.open("x"));
  results.serviceWorker = await refused(() => navigator.serviceWorker.register("/sw.js"));
  results.fetch = await refused(() => fetch("${target}/fetch"));
  results.fetchApp = await refused(() => fetch("${app}/api/projects/${id}"));
  navigator.sendBeacon("${target}/beacon");
  results.socket = await refused(() => new Promise((resolve, reject) => {
    const socket = new WebSocket("${app.replace("http", "ws")}/parties/project/${id}");
    socket.onopen = resolve; socket.onerror = reject;
  }));
  results.worker = await refused(() => new Promise((resolve, reject) => {
    const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])));
    worker.onmessage = resolve; worker.onerror = reject;
  }));
  results.top = await refused(() => { top.location.href = "${target}/top"; });
  results.script = await loads("script", (element) => { element.src = "${target}/script.js"; });
  results.picture = await loads("img", (element) => { element.src = "${target}/picture.png"; });
  results.style = await loads("link", (element) => { element.rel = "stylesheet"; element.href = "${target}/style.css"; });
  try { results.frame = document.getElementById("inner").contentDocument ? "mine" : "empty"; }
  catch { results.frame = "empty"; }
  const before = Date.now();
  alert("hello");
  results.modal = Date.now() - before < 500 ? "blocked" : "shown";
  document.getElementById("form").submit();
  document.getElementById("ping").click();
  for (let index = 0; index < 100; index++) parent.postMessage({ machine: "call", replica: "update", height: 1e9 }, "*");
  document.getElementById("results").textContent = JSON.stringify(results);
  document.getElementById("verdict").textContent = "done";
})();
</script>`;
}
