// What runs in the page: CodeMirror with its own client for language servers. The bridge is two functions of the page.
import { LSPClient, languageServerExtensions, LSPPlugin, renameSymbol, formatDocument } from "@codemirror/lsp-client";
import { forEachDiagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

const handlers = new Set();
const transport = {
  send: (message) => window.toServer(message),
  subscribe: (handler) => handlers.add(handler),
  unsubscribe: (handler) => handlers.delete(handler),
};
window.fromServer = (message) => handlers.forEach((handler) => handler(message));

window.start = async (rootUri, uri, text) => {
  const client = new LSPClient({ rootUri, extensions: languageServerExtensions(), timeout: 60000 }).connect(transport);
  await client.initializing;
  const state = EditorState.create({ doc: text, extensions: [client.plugin(uri, "gl")] });
  window.view = new EditorView({ state, parent: document.body });
  window.client = client;
};

window.replace = (from, to, insert) => window.view.dispatch({ changes: { from, to, insert } });
window.text = () => window.view.state.doc.toString();

window.findings = () => {
  const found = [];
  forEachDiagnostic(window.view.state, (finding, from, to) => {
    found.push({ from, to, severity: finding.severity, message: finding.message });
  });
  return found;
};

window.ask = (method, at, more) => {
  window.client.sync();
  const plugin = LSPPlugin.get(window.view);
  return window.client.request(method, {
    textDocument: { uri: plugin.uri },
    position: plugin.toPosition(at),
    ...more,
  });
};

window.select = (at) => {
  window.view.dispatch({ selection: { anchor: at } });
  window.view.focus();
};
window.place = async (at) => {
  window.view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
  // Lines that come into sight get their real height, and move the others.
  for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
  return window.view.coordsAtPos(at);
};
window.rename = () => renameSymbol(window.view);
window.format = () => formatDocument(window.view);
