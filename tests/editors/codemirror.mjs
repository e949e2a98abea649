// Drives `gl lsp` by CodeMirror's client in headless Chromium: findings, hover, definition, rename, formatting.
//
// The server is a child process here; the page speaks to it through two functions, so that nothing listens on a port.
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import assert from "node:assert/strict";

const folder = process.env.GUIDELINES;
const name = "urinary_retention";
const file = join(folder, "numbness.gl");
const step = (message) => console.log(`codemirror: ${message}`);

const bundled = await build({
  entryPoints: [fileURLToPath(new URL("page.mjs", import.meta.url))],
  bundle: true,
  format: "iife",
  write: false,
});

const server = spawn(process.env.GL, ["lsp"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
const page = await browser.newPage();
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));

// From the page to the server, with the header that the protocol asks for.
await page.exposeFunction("toServer", (message) => {
  server.stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
});
// From the server to the page, without it.
let waiting = Buffer.alloc(0);
let told = Promise.resolve();
let isOver = false;
server.stdout.on("data", (bytes) => {
  waiting = Buffer.concat([waiting, bytes]);
  for (;;) {
    const end = waiting.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/.exec(waiting.subarray(0, end).toString())[1]);
    if (waiting.length < end + 4 + length) return;
    const message = waiting.subarray(end + 4, end + 4 + length).toString();
    waiting = waiting.subarray(end + 4 + length);
    // What the server still says while the page closes has nobody to hear it.
    told = told.then(() => isOver || page.evaluate((text) => window.fromServer(text), message));
  }
});

try {
  await page.setContent("<!doctype html><title>gl</title><body></body>");
  await page.addScriptTag({ content: bundled.outputFiles[0].text });
  const text = readFileSync(file, "utf8");
  await page.evaluate(
    ([root, uri, doc]) => window.start(root, uri, doc),
    [pathToFileURL(folder).href, pathToFileURL(file).href, text],
  );
  step("the server and the client know each other");

  // A mistake is underlined where it is made, and the line goes when it is mended.
  const at = text.indexOf(name);
  await page.evaluate(([at, end]) => window.replace(at, end, "urinary_retentoin"), [at, at + name.length]);
  const wrong = await page.waitForFunction(
    () => window.findings().find((finding) => finding.message.includes("urinary_retentoin")),
    null,
    { timeout: 60000 },
  );
  const finding = await wrong.jsonValue();
  assert.equal(finding.from, at);
  assert.equal(finding.to, at + "urinary_retentoin".length);
  assert.equal(finding.severity, "error");
  step("findings come");
  await page.evaluate(([at, end, name]) => window.replace(at, end, name), [at, at + "urinary_retentoin".length, name]);
  await page.waitForFunction(
    () => !window.findings().some((finding) => finding.message.includes("urinary_retentoin")),
    null,
    { timeout: 60000 },
  );
  step("findings go");

  // Hovering shows what the fact is, in the editor's own tooltip.
  const place = await page.evaluate((at) => window.place(at), at + 3);
  await page.mouse.move(place.left, (place.top + place.bottom) / 2);
  await page.mouse.move(place.left + 2, (place.top + place.bottom) / 2);
  const tooltip = await page.waitForSelector(".cm-lsp-hover-tooltip", { timeout: 60000 });
  assert.match(await tooltip.textContent(), /Urinary retention/);
  await page.mouse.move(0, 0);
  step("hover");

  const definition = await page.evaluate((at) => window.ask("textDocument/definition", at), at + 3);
  const target = [definition].flat()[0];
  const declared = readFileSync(fileURLToPath(target.uri), "utf8").split("\n")[target.range.start.line];
  assert.ok(target.uri.endsWith("vocabulary.gl") && declared.startsWith(`fact ${name}`), JSON.stringify(definition));
  step("definition");

  // Renaming asks for the new name in a panel of the editor.
  const before = text.match(new RegExp(`\\b${name}\\b`, "g")).length;
  await page.evaluate((at) => window.select(at), at + 3);
  await page.evaluate(() => window.rename());
  await page.waitForSelector(".cm-panel input", { timeout: 60000 });
  await page.fill(".cm-panel input", "retention_of_urine");
  await page.press(".cm-panel input", "Enter");
  await page.waitForFunction((name) => !new RegExp(`\\b${name}\\b`).test(window.text()), name, { timeout: 60000 });
  const renamed = await page.evaluate(() => window.text());
  assert.equal(renamed.match(/\bretention_of_urine\b/g).length, before);
  assert.equal(renamed.replaceAll("retention_of_urine", name), text);
  step("rename");

  // Formatting brings back what was pushed out of line.
  const line = renamed.indexOf("\n  ", renamed.indexOf("\nrule ")) + 1;
  await page.evaluate((line) => window.replace(line, line, "      "), line);
  await page.evaluate(() => window.format());
  await page.waitForFunction((text) => window.text() === text, renamed, { timeout: 60000 });
  step("formatting");

  assert.deepEqual(errors, []);
  step("all is well");
} catch (error) {
  console.error(await page.evaluate(() => window.view && JSON.stringify(window.findings())).catch(() => ""), errors);
  throw error;
} finally {
  isOver = true;
  await told.catch(() => {});
  await browser.close();
  server.stdin.end();
  server.kill();
}
