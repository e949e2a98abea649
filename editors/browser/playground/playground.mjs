// The playground: a guideline in an editor, findings and the patient of a conflict beside it, by the engine in a worker.
import { autocompletion, closeBrackets, completionKeymap, snippet } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const byId = (id) => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
};

// The engine works beside the page, and is thrown away when it takes too long.
const LIMIT = 10_000;
let worker = null, ready = null, calls = 0;
const waiting = new Map();
const start = async () => {
  worker?.terminate();
  for (const { reject } of waiting.values()) reject(new Error("it took too long"));
  waiting.clear();
  worker = new Worker("worker.js");
  worker.onmessage = ({ data: { id, text } }) => { waiting.get(id)?.resolve(JSON.parse(text)); waiting.delete(id); };
  const packed = await fetch("engine.wasm.gz");
  const module = await new Response(packed.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  return send({ module, call: "project", text: JSON.stringify(library) });
};
const send = (message) => new Promise((resolve, reject) => {
  const id = calls += 1;
  const timer = setTimeout(() => { waiting.delete(id); reject(new Error("it took too long")); ready = start(); }, LIMIT);
  waiting.set(id, { resolve: (answer) => { clearTimeout(timer); resolve(answer); }, reject });
  worker.postMessage({ id, ...message });
});
const ask = async (call, question) => {
  const opened = await ready;
  if (opened.error) throw new Error(opened.error);
  const answer = await send({ call, text: JSON.stringify(question) });
  if (answer.error) throw new Error(answer.error);
  return answer;
};

const library = await (await fetch("library.json")).json();
const texts = { ...library.files };
const picker = byId("file");
let path = library.paths.find((p) => !/vocabulary|reconciliation/.test(p)) ?? library.paths[0];
for (const one of library.paths) picker.append(make("option", { value: one }, one));
picker.value = path;

const KEYWORDS = new Set(("guideline use source scale fact action define assume section rule when always note case reconcile complete then "
  + "recommend consider avoid never immediate urgent routine within not before between and or of any all none at least most over under is in "
  + "includes unless only cite from evidence because overrides instead preferred to with prefer leave open given expect applies yes no").split(" "));
const language = StreamLanguage.define({
  name: "gl",
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/#.*/)) return "comment";
    if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/\d+(?:\.\d+)?/)) return "number";
    const word = stream.match(/[A-Za-z_][\w.-]*/);
    if (word) return KEYWORDS.has(word[0]) ? "keyword" : "variableName";
    stream.next();
    return null;
  },
});
const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.string, color: "var(--recommend)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: tags.number, color: "var(--consider)" },
]);

const question = (state, at = 0) => ({ path, text: state.doc.toString(), at });
const complete = async (context) => {
  if (!context.explicit && !context.matchBefore(/[\w."-]+|\s$/)) return null;
  const { from, options } = await ask("completions", question(context.state, context.pos));
  return {
    from,
    options: options.slice(0, 200).map((one) => ({
      label: one.label,
      detail: one.detail,
      type: { keyword: "keyword", fact: "variable", action: "function", rule: "class", definition: "constant" }[one.kind] ?? "text",
      apply: one.snippet ? snippet(one.snippet) : one.text ?? undefined,
    })),
    validFor: /^[\w.-]*$/,
  };
};
const markdown = (text) => {
  const box = make("div", { class: "hover" });
  for (const [at, part] of text.split(/```(?:gl)?\n?/).entries()) {
    if (at % 2) { box.append(make("pre", {}, part.trimEnd())); continue; }
    for (const paragraph of part.split("\n\n").filter((p) => p.trim())) {
      box.append(make("p", {}, paragraph.replace(/\\([\\`*_<>[\]#|~])/g, "$1").replace(/\*\*|`/g, "").trim()));
    }
  }
  return box;
};
const hover = hoverTooltip(async (view, pos) => {
  try {
    const said = await ask("hover", question(view.state, pos));
    return said.text ? { pos: said.from, end: said.to, create: () => ({ dom: markdown(said.text) }) } : null;
  } catch { return null; }
});

const status = byId("status"), list = byId("findings");
const offset = (doc, line, column) => {
  if (line < 1 || line > doc.lines) return doc.length;
  const { from, text } = doc.line(line);
  return from + [...text].slice(0, column - 1).join("").length;
};
let turn = 0, timer = 0;
const check = () => { clearTimeout(timer); timer = setTimeout(run, 250); };
const run = async () => {
  const own = turn += 1;
  texts[path] = view.state.doc.toString();
  status.textContent = "Looking at every patient there could be …";
  let found;
  const begun = performance.now();
  try {
    found = (await ask("findings", question(view.state))).findings;
  } catch (error) {
    if (own === turn) { status.textContent = `Nothing can be said: ${error.message}.`; list.replaceChildren(); }
    return;
  }
  if (own !== turn) return;
  const open = found.filter((finding) => finding.severity !== "note");
  const count = (severity) => open.filter((finding) => finding.severity === severity).length;
  const counted = (severity) => `${count(severity)} ${severity}${count(severity) === 1 ? "" : "s"}`;
  status.textContent = `${counted("error")}, ${counted("warning")}, after ${Math.round(performance.now() - begun)} ms`;
  document.body.dataset.errors = count("error");
  const doc = view.state.doc;
  const here = open.flatMap((finding) => finding.labels.filter((label) => label.primary && label.file === path).map((label) => ({
    from: offset(doc, label.line, label.column),
    to: offset(doc, label.end.line, label.end.column),
    severity: finding.severity,
    message: `${finding.message} (${finding.code})`,
    actions: finding.fixes.filter((fix) => fix.edits.every((edit) => edit.file === path)).slice(0, 3).map((fix) => ({
      name: fix.title,
      apply: (target) => target.dispatch({ changes: fix.edits.map((edit) => ({
        from: offset(target.state.doc, edit.line, edit.column),
        to: offset(target.state.doc, edit.end.line, edit.end.column),
        insert: edit.replacement })) }),
    })),
  })));
  view.dispatch(setDiagnostics(view.state, here));
  list.replaceChildren(...open.sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1)).slice(0, 60).map((finding) => {
    const label = finding.labels.find((one) => one.primary);
    const go = () => {
      if (label.file !== path) { show(label.file); }
      view.dispatch({ selection: { anchor: offset(view.state.doc, label.line, label.column) }, scrollIntoView: true });
      view.focus();
    };
    const witness = finding.witness && Object.entries(finding.witness).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
    return make("li", { class: finding.severity },
      make("p", {}, make("b", {}, `${finding.severity} ${finding.code}`), ` ${finding.message}`),
      witness ? make("p", { class: "witness" }, `A patient: ${witness.join(", ")}`) : null,
      finding.help ? make("p", { class: "small" }, finding.help) : null,
      label ? make("button", { type: "button", onclick: go }, `${label.file}:${label.line}`) : null);
  }));
};

const extensions = [
  lineNumbers(), history(), drawSelection(), highlightActiveLine(), closeBrackets(), lintGutter(),
  language, syntaxHighlighting(highlight), autocompletion({ override: [complete] }), hover, EditorView.lineWrapping,
  EditorView.contentAttributes.of({ "aria-label": "Guideline" }),
  keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
  EditorView.updateListener.of((update) => { if (update.docChanged) check(); }),
  EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--card)", height: "100%", fontSize: "15px" },
    ".cm-scroller": { fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace', lineHeight: "1.55" },
    ".cm-gutters": { backgroundColor: "var(--shade)", color: "var(--quiet)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent) !important" },
    ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--hair)", maxWidth: "38rem" },
    ".hover": { padding: ".5rem .8rem", maxHeight: "20rem", overflow: "auto" },
    ".hover pre": { whiteSpace: "pre-wrap", margin: "0" },
  }),
];
// In a tree of its own the editor needs no style element, which the policy would not allow.
const root = byId("editor").attachShadow({ mode: "open" });
const parent = make("div", { class: "editor" });
parent.style.height = "100%";
root.append(parent);
const view = new EditorView({ parent, root, state: EditorState.create({ doc: texts[path], extensions }) });
// Whoever reads with the keyboard alone can scroll it.
view.scrollDOM.tabIndex = 0;
const show = (other) => {
  texts[path] = view.state.doc.toString();
  path = other;
  picker.value = other;
  view.setState(EditorState.create({ doc: texts[other], extensions }));
  check();
};
picker.addEventListener("change", () => show(picker.value));
byId("save").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([view.state.doc.toString()], { type: "text/plain" }));
  make("a", { href: address, download: path.split("/").at(-1) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
ready = start();
check();
document.body.dataset.ready = "yes";
