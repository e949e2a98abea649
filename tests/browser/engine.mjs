// Compares the engine of the page with `gl eval` on random patients.
//
//   node engine.mjs PAGE.html GL GUIDELINES [PATIENTS [SEED]]
//
// The engine, the library and the declarations are taken from the page itself, so that what is compared is what a reader gets.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

const [page, gl, guidelines, count = "1000", seed = "1"] = process.argv.slice(2);
const html = readFileSync(page, "utf8");
const element = (id) => new RegExp(`<script [^>]*id="${id}"[^>]*>([^<]*)</script>`).exec(html)[1];
const data = JSON.parse(element("library"));
const module = gunzipSync(Buffer.from(element("engine"), "base64"));

const { instance } = await WebAssembly.instantiate(module, {});
const engine = instance.exports;
const call = (name, text) => {
  const bytes = new TextEncoder().encode(text);
  const at = engine.room(bytes.length);
  new Uint8Array(engine.memory.buffer, at, bytes.length).set(bytes);
  const length = engine[name]();
  return new TextDecoder().decode(new Uint8Array(engine.memory.buffer, engine.answer(), length));
};

// Mulberry32: the same seed gives the same patients.
let state = Number(seed) >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const value = (fact) => {
  switch (fact.kind) {
    case "yes-no": return pick([true, false, false, "unknown"]);
    case "one": return pick([...fact.values, "unknown"]);
    case "any": {
      const members = fact.values.filter(() => random() < 0.5);
      return random() < 0.5 ? members : Object.fromEntries(members.map((member) => [member, random() < 0.5]));
    }
    case "date": return `202${pick([4, 5, 6])}-0${1 + Math.floor(random() * 9)}-${10 + Math.floor(random() * 18)}`;
    case "quantity": return `${Math.floor(random() * 30)} ${fact.units[0]}`;
    default: return String(Math.floor(random() * 5));
  }
};
// What most documents look at, such as what their scopes ask for.
const questions = data.facts.filter((fact) => fact.kind === "yes-no").sort((a, b) => b.groups.length - a.groups.length);
const common = new Set(questions.slice(0, 6).map((fact) => fact.name));
const patient = () => {
  const share = pick([0.02, 0.05, 0.1, 0.3]);
  const facts = {};
  for (const fact of data.facts) {
    // Most patients are in some scope.
    const scope = common.has(fact.name) && random() < 0.6;
    if (random() < share || scope) {
      const drawn = scope ? true : value(fact);
      if (typeof drawn !== "object" || Object.keys(drawn).length || Array.isArray(drawn)) facts[fact.name] = drawn;
    }
  }
  return { as_of: "2026-09-28", ...(random() < 0.3 ? { unlisted: "no" } : {}), facts };
};

const started = performance.now();
const opened = JSON.parse(call("open", JSON.stringify(data.library)));
if (opened.error) throw new Error(opened.error);
console.log(`the library is open after ${Math.round(performance.now() - started)} ms`);

const run = promisify(execFile);
const native = async (text) => {
  const running = run(gl, ["eval", guidelines, "--case", "-", "--format", "json"], { maxBuffer: 1 << 26 });
  running.child.stdin.end(text);
  try { return JSON.parse((await running).stdout); } catch (error) { return { error: error.stderr ?? String(error) }; }
};

let passed = 0, failed = 0, rejected = 0, advised = 0, slowest = 0;
const one = async () => {
  const text = JSON.stringify(patient());
  const begun = performance.now();
  const here = JSON.parse(call("evaluate", text));
  slowest = Math.max(slowest, performance.now() - begun);
  const there = await native(text);
  // What is rejected has a text of its own in each; that it is rejected must be the same.
  const same = here.error || there.error ? Boolean(here.error) === Boolean(there.error) : JSON.stringify(here) === JSON.stringify(there);
  if (here.error) rejected += 1;
  else if (here.recommendations.length) advised += 1;
  if (same) passed += 1;
  else { failed += 1; if (failed <= 3) console.log(`failed: ${text}\n  page: ${JSON.stringify(here).slice(0, 300)}\n  gl: ${JSON.stringify(there).slice(0, 300)}`); }
};
for (let left = Number(count); left > 0; left -= 4) await Promise.all(Array.from({ length: Math.min(4, left) }, one));
console.log(`${advised} patients with advice, ${rejected} rejected; the slowest took ${slowest.toFixed(1)} ms in the engine`);
if (advised === 0) { failed += 1; console.log("failed: nobody was advised anything"); }
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
