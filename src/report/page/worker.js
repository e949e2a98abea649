"use strict";
// Runs the engine beside the page, so that the page can stop it. A message with the compiled engine comes first.
let engine = null;
const call = (name, text) => {
  const bytes = new TextEncoder().encode(text);
  const at = engine.room(bytes.length);
  new Uint8Array(engine.memory.buffer, at, bytes.length).set(bytes);
  const length = engine[name]();
  return new TextDecoder().decode(new Uint8Array(engine.memory.buffer, engine.answer(), length));
};
onmessage = async ({ data }) => {
  try {
    if (data.module) engine = (await WebAssembly.instantiate(data.module, {})).instance.exports;
    postMessage({ id: data.id, text: call(data.call, data.text) });
  } catch (error) {
    postMessage({ id: data.id, text: JSON.stringify({ error: String(error) }) });
  }
};
