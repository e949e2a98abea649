// Serves a playground that `gl render --playground` wrote, on this machine alone, and writes in it.
//
//   node playground.mjs FOLDER [--pictures FOLDER]
import { chromium } from "playwright-core";
import { createServer } from "node:http";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = process.argv.slice(2);
const at = args.indexOf("--pictures");
const pictures = at >= 0 ? resolve(args.splice(at, 2)[1]) : null;
if (pictures) mkdirSync(pictures, { recursive: true });
const [folder] = args;

let passed = 0, failed = 0;
const check = (name, ok, detail = "") => {
  if (ok) passed += 1;
  else { failed += 1; console.log(`failed: ${name}${detail ? `\n  ${detail}` : ""}`); }
};

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".gz": "application/octet-stream" };
const server = createServer((request, response) => {
  const name = request.url === "/" ? "index.html" : request.url.slice(1);
  try {
    if (!/^[a-z.]+$/.test(name)) throw new Error("no such file");
    const bytes = readFileSync(join(folder, name));
    response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" });
    response.end(bytes);
  } catch { response.writeHead(404); response.end(); }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}/`;

const profile = mkdtempSync(join(tmpdir(), "gl-playground-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
  viewport: { width: 1360, height: 860 },
});
const tab = await context.newPage();
const wrong = [], outside = [];
tab.on("console", (message) => { if (message.type() === "error" && !message.text().includes("favicon")) wrong.push(message.text()); });
tab.on("pageerror", (error) => wrong.push(String(error)));
tab.on("request", (request) => { if (!request.url().startsWith(address) && !request.url().startsWith("data:")) outside.push(request.url()); });
await tab.goto(address);
const settled = () => tab.waitForFunction(() => / errors?, /.test(document.getElementById("status").textContent), null, { timeout: 120_000 });
await settled();
check("the library has no error", (await tab.evaluate(() => document.body.dataset.errors)) === "0");
if (pictures) await tab.screenshot({ path: join(pictures, "playground.png") });

const source = /(?<=^source )\w+/m.exec(await tab.evaluate(async () => {
  const library = await (await fetch("library.json")).json();
  return library.files[document.getElementById("file").value];
}))[0];
const errors = (some) => tab.waitForFunction((wanted) => (Number(document.body.dataset.errors) > 0) === wanted, some, { timeout: 120_000 });
const editor = tab.locator("#editor .cm-content");
await editor.click();
await tab.keyboard.press("Control+End");
await tab.keyboard.insertText(`\nrule mistaken: when no_such_fact then never bed_rest cite ${source}\n`);
await errors(true);
check("a name that is not declared is found", (await tab.locator("#findings").textContent()).includes("no_such_fact"));
check("and underlined", (await tab.locator("#editor .cm-lintRange-error").count()) > 0);
await tab.keyboard.press("Control+z");
await errors(false);
await tab.keyboard.insertText("\nrule next: always then never ");
await tab.keyboard.press("Control+Space");
await tab.waitForSelector("#editor .cm-tooltip-autocomplete li", { timeout: 30_000 });
check("actions are offered", (await tab.locator("#editor .cm-tooltip-autocomplete li").count()) > 3);
if (pictures) await tab.screenshot({ path: join(pictures, "playground-completion.png") });
await tab.keyboard.press("Escape");

// Two rules of one document that contradict each other, and the patient who is caught between them.
await tab.keyboard.press("Control+z");
await errors(false);
await tab.keyboard.insertText(`\nrule one_way: always then recommend acupuncture cite ${source}\nrule other_way: always then never acupuncture cite ${source}\n`);
await errors(true);
const conflict = tab.locator("#findings li.error").first();
check("a conflict is shown with its patient", (await conflict.textContent()).includes("A patient:"), await conflict.textContent());
if (pictures) await tab.screenshot({ path: join(pictures, "playground-conflict.png") });

await tab.evaluate(axe);
const { violations } = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
check("axe finds nothing", violations.length === 0, violations.map((v) => `${v.id}: ${v.help}; ${JSON.stringify(v.nodes[0].target)}`).join("\n  "));
check("no script error", wrong.length === 0, wrong.slice(0, 5).join("\n  "));
check("nothing is asked for elsewhere", outside.length === 0, outside.join("\n  "));

await context.close();
server.close();
rmSync(profile, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
