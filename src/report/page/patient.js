"use strict";
(() => {
  const data = JSON.parse(document.getElementById("library").textContent);
  const section = document.getElementById("try").closest("section");
  const byId = (id) => document.getElementById(id);
  const [form, next, advice, status, note] = ["try-form", "try-next", "try-advice", "try-status", "try-note"].map(byId);
  const asOf = byId("try-as-of"), unlisted = byId("try-unlisted");
  const facts = new Map(data.facts.map((fact) => [fact.name, fact]));
  const TIMEOUT = 5000, LINK = "#patient=", LARGEST = 200000;

  // Everything of authors and readers goes in as text.
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "class") element.className = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  const label = (name) => facts.get(name)?.label ?? name;
  const words = (name) => String(name).replaceAll("_", " ");

  // The patient, as a case file has it.
  let given = {};
  const patient = () => {
    const record = {};
    if (asOf.value) record.as_of = asOf.value;
    if (unlisted.checked) record.unlisted = "no";
    record.facts = given;
    return record;
  };
  const set = (name, value) => {
    if (value === null) delete given[name];
    else given[name] = value;
    refresh(name, document.activeElement);
    evaluate();
  };

  // One control for a fact; there may be several, and each shows what is given.
  let number = 0;
  const shown = new Map();
  const options = (values, chosen) => values.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  const control = (fact) => {
    const id = `try-${number += 1}`;
    const title = fact.question ?? fact.label;
    const value = given[fact.name];
    const none = ["", "not recorded"];
    let body;
    if (fact.kind === "yes-no" || fact.kind === "one") {
      const values = fact.kind === "yes-no" ? [["yes", "yes"], ["no", "no"]] : fact.values.map((v) => [v, words(v)]);
      const current = value === true ? "yes" : value === false ? "no" : value ?? "";
      const select = make("select", { id, onchange: () => set(fact.name,
        select.value === "" ? null : fact.kind === "yes-no" && select.value !== "unknown" ? select.value === "yes" : select.value) },
        ...options([none, ...values, ["unknown", "unknown"]], current));
      body = [make("label", { for: id }, title), select];
    } else if (fact.kind === "any") {
      const members = Array.isArray(value) ? Object.fromEntries(fact.values.map((v) => [v, value.includes(v)])) : { ...value };
      const rows = fact.values.map((member, at) => {
        const current = members[member] === true ? "yes" : members[member] === false ? "no" : "";
        const select = make("select", { id: `${id}-${at}`, onchange: () => {
          if (select.value === "") delete members[member];
          else members[member] = select.value === "yes";
          set(fact.name, Object.keys(members).length ? { ...members } : null);
        } }, ...options([none, ["yes", "yes"], ["no", "no"]], current));
        return make("div", { class: "member" }, make("label", { for: `${id}-${at}` }, words(member)), select);
      });
      return make("fieldset", { class: "question" }, make("legend", {}, title), ...rows);
    } else if (fact.kind === "quantity") {
      const [, amount = "", unit = fact.units[0]] = /^([0-9.]+) ?"?([^"]*)"?$/.exec(value ?? "") ?? [];
      const units = fact.units.includes(unit) ? fact.units : [...fact.units, unit];
      const send = () => set(fact.name, input.value.trim() === "" ? null : `${input.value.trim()} ${select.value}`);
      const input = make("input", { id, inputmode: "decimal", autocomplete: "off", value: amount, onchange: send });
      const select = make("select", { "aria-label": `Unit: ${title}`, onchange: send }, ...options(units.map((u) => [u, u]), unit));
      body = [make("label", { for: id }, title), make("span", { class: "pair" }, input, select)];
    } else {
      const input = make("input", { id, type: fact.kind === "date" ? "date" : "text", inputmode: fact.kind === "count" ? "numeric" : null,
        autocomplete: "off", value: value ?? "", onchange: () => set(fact.name, input.value.trim() === "" ? null : input.value.trim()) });
      body = [make("label", { for: id }, title), input];
    }
    return make("div", { class: "question" }, ...body);
  };
  const place = (fact, parent) => {
    const element = control(fact);
    element.dataset.fact = fact.name;
    parent.append(element);
    if (!shown.has(fact.name)) shown.set(fact.name, new Set());
    shown.get(fact.name).add(element);
  };
  const refresh = (name, except) => {
    // A copy, because what is put in place of an element is put into the set as well.
    for (const element of [...(shown.get(name) ?? [])]) {
      if (!element.isConnected) { shown.get(name).delete(element); continue; }
      if (element.contains(except)) continue;
      const fresh = control(facts.get(name));
      fresh.dataset.fact = name;
      element.replaceWith(fresh);
      shown.get(name).delete(element);
      shown.get(name).add(fresh);
    }
  };
  const draw = () => {
    form.replaceChildren();
    shown.clear();
    data.groups.forEach((group, at) => {
      const own = data.facts.filter((fact) => fact.groups[0] === at);
      const also = data.facts.filter((fact) => fact.groups.includes(at) && fact.groups[0] !== at);
      if (!own.length) return;
      const body = make("div", { class: "questions" });
      own.forEach((fact) => place(fact, body));
      form.append(make("details", {}, make("summary", {}, group.title, make("span", { class: "small" }, ` ${own.length} facts`)), body,
        also.length ? make("p", { class: "small" }, `Also: ${also.map((fact) => fact.label).join(", ")}`) : null));
    });
  };

  // The engine works beside the page, and is thrown away when it takes too long.
  let worker = null, ready = null, calls = 0;
  const waiting = new Map();
  const start = () => {
    worker?.terminate();
    waiting.clear();
    const address = URL.createObjectURL(new Blob([byId("engine-worker").textContent], { type: "text/javascript" }));
    worker = new Worker(address);
    URL.revokeObjectURL(address);
    worker.onmessage = ({ data: { id, text } }) => { waiting.get(id)?.(text); waiting.delete(id); };
    worker.onerror = (event) => { event.preventDefault(); for (const done of waiting.values()) done(JSON.stringify({ error: event.message })); };
    ready = (async () => {
      const packed = Uint8Array.from(atob(byId("engine").textContent.trim()), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      const module = await new Response(stream).arrayBuffer();
      return JSON.parse(await ask({ module, call: "open", text: JSON.stringify(data.library) }, 4 * TIMEOUT));
    })();
  };
  const ask = (message, limit) => new Promise((resolve, reject) => {
    const id = calls += 1;
    const timer = setTimeout(() => { waiting.delete(id); reject(new Error("it took too long")); start(); }, limit);
    waiting.set(id, (text) => { clearTimeout(timer); resolve(text); });
    worker.postMessage({ id, ...message });
  });

  let turn = 0;
  const evaluate = async () => {
    const own = turn += 1;
    const begun = performance.now();
    let result;
    try {
      const opened = await ready;
      if (opened.error) throw new Error(opened.error);
      result = JSON.parse(await ask({ call: "evaluate", text: JSON.stringify(patient()) }, TIMEOUT));
      if (result.error) throw new Error(result.error);
    } catch (error) {
      if (own === turn) refuse(error.message);
      return;
    }
    if (own !== turn) return;
    show(result);
    section.dataset.milliseconds = Math.round(performance.now() - begun);
    section.dataset.turn = own;
  };
  const redraw = () => {
    for (const name of facts.keys()) refresh(name, null);
  };

  // Any error means that nothing is advised.
  const refuse = (message) => {
    section.dataset.state = "refused";
    mark({ fires: new Map(), waits: new Map(), values: new Map() });
    next.replaceChildren();
    status.textContent = "Nothing is advised: the patient cannot be evaluated.";
    advice.replaceChildren(make("p", { class: "failure" }, message));
  };

  const rule = (name) => {
    const article = byId(`rule-${name}`);
    const title = article?.querySelector("h3, h4, h5, h6")?.firstChild?.textContent.trim();
    return make("a", { href: `#rule-${name}` }, title || name);
  };
  // What else says the same stands under the first.
  const entries = (items) => {
    const firsts = new Map();
    for (const item of items) {
      const key = [item.action, ...item.alternatives].sort().join(" ");
      if (firsts.has(key)) firsts.get(key).others.push(item);
      else firsts.set(key, { item, others: [] });
    }
    const seen = new Set();
    return [...firsts.values()].filter(({ item }) => {
      // A choice is shown once, under the first of its actions.
      const key = `${item.rule} ${[item.action, ...item.alternatives].sort().join(" ")}`;
      return !seen.has(key) && seen.add(key);
    }).map(({ item, others }) => {
      const shown = entry(item);
      const rest = new Map(others.filter((other) => other.rule !== item.rule).map((other) => [other.rule, other]));
      if (rest.size) {
        shown.append(make("div", { class: "small" }, "Also: ", ...[...rest.values()].flatMap((other, at) => [at ? "; " : null,
          [other.modality, other.urgency, other.within ? `within ${other.within}` : null].filter(Boolean).join(" "), ", ", rule(other.rule)])
          .filter((part) => part !== null)));
      }
      return shown;
    });
  };
  const entry = (item) => {
    const choice = [item, ...item.alternatives.map((name) => ({ label: actionLabel(name) }))].map((one) => one.label ?? one.action).join(" or ");
    const when = [item.within ? `within ${item.within}` : null, item.due ? `by ${item.due}` : null, item.overdue ? "OVERDUE" : null].filter(Boolean).join(", ");
    const because = item.facts.map(({ fact, value, origin }) => `${label(fact)}: ${words(value)}${origin === "recorded" ? "" : ` (${origin})`}`).join("; ");
    return make("li", {},
      make("span", { class: item.modality }, item.modality), item.urgency ? make("span", { class: "urgency" }, ` ${item.urgency}`) : null,
      " ", make("b", {}, choice), when ? ` ${when}` : null,
      item.status === "open" ? make("span", { class: "small" }, ` unless it turns out otherwise: ${item.open_on.map(label).join(", ")}`) : null,
      item.status === "overridden" ? make("span", { class: "small" }, ` gave way to ${item.overridden_by.join(", ")}`) : null,
      make("div", { class: "small" }, rule(item.rule), item.because ? `, because ${item.because}` : null),
      because ? make("div", { class: "small" }, `From ${because}`) : null);
  };
  const actionLabel = (name) => byId(`action-${name}`)?.querySelector("th")?.firstChild?.textContent ?? words(name);
  const group = (title, items, kind = "") => items.length
    ? [make("h4", { class: kind }, title), make("ul", { class: "advice" }, ...items)] : [];

  const show = (result) => {
    section.dataset.state = "shown";
    const stands = result.recommendations.filter((item) => item.status !== "overridden");
    const soon = (item) => item.modality === "recommend" && (item.urgency === "immediate" || item.urgency === "urgent" || item.within === "hours");
    const gone = [...result.recommendations, ...result.advised_against].filter((item) => item.status === "overridden");
    const against = result.advised_against.filter((item) => item.status !== "overridden");
    const position = (p) => `${p.modality} ${actionLabel(p.action)} (${p.rule})`;
    status.textContent = `${stands.length} advised, ${against.length} advised against, ${result.undecided.length} undecided, ${result.disagreements.length} in disagreement`;
    advice.replaceChildren(
      ...group("Emergency", entries(stands.filter(soon)), "never"),
      ...group("Recommended", entries(stands.filter((item) => !soon(item) && item.modality === "recommend"))),
      ...group("To consider", entries(stands.filter((item) => item.modality === "consider"))),
      ...group("Avoid", entries(against)),
      ...group("The documents disagree", result.disagreements.map((d) => make("li", {}, make("b", {}, actionLabel(d.action)),
        d.status === "possible" ? " possibly: " : ": ", d.positions.map(position).join(" against "),
        d.reconciled ? make("div", { class: "small" }, `settled: because ${d.reconciled.because}`) : null))),
      ...group("Gave way", gone.map(entry)),
      ...(stands.length + against.length ? [] : [make("p", {}, "Nothing is advised on what is recorded.")]),
      ...result.warnings.map((warning) => make("p", { class: "small" }, warning)));
    next.replaceChildren();
    const focus = document.activeElement?.closest?.("#try-next");
    result.ask.slice(0, 6).forEach(({ fact }) => { if (facts.has(fact)) place(facts.get(fact), next); });
    if (!result.ask.length) next.append(make("p", { class: "small" }, "Nothing more can change the advice."));
    if (focus) next.querySelector("input, select")?.focus();
    const fires = new Map(), waits = new Map(), values = new Map();
    for (const item of [...result.recommendations, ...result.advised_against]) {
      fires.set(item.rule, item.status);
      item.facts.forEach(({ fact, value }) => values.set(fact, value));
    }
    for (const item of result.undecided) if (!fires.has(item.rule)) waits.set(item.rule, item.needs);
    for (const { fact, value } of result.inferred) values.set(fact, value);
    for (const [name, value] of Object.entries(given)) values.set(name, value === true ? "yes" : value === false ? "no" : typeof value === "object" ? "recorded" : value);
    mark({ fires, waits, values });
  };

  // The rules' own sentences say what is known, and whether the rule fires.
  const articles = [...document.querySelectorAll("article.rule")];
  const mentions = [...document.querySelectorAll("article.rule a.fact, .definition a.fact")];
  const mark = ({ fires, waits, values }) => {
    for (const article of articles) {
      const name = article.querySelector(".self").textContent;
      const state = fires.has(name) ? (fires.get(name) === "overridden" ? "gives way" : "fires") : waits.has(name) ? "waits" : "";
      article.dataset.state = state;
      let badge = article.querySelector(".state");
      if (!state) { badge?.remove(); continue; }
      if (!badge) article.querySelector(".says").before(badge = make("p", { class: "state" }));
      badge.textContent = state === "waits" ? `Waits for: ${waits.get(name).map(label).join(", ")}` : state === "fires" ? "Fires for this patient" : "Fires, and gives way";
    }
    for (const mention of mentions) {
      const value = values.get(mention.getAttribute("href").slice("#fact-".length));
      if (value === undefined) mention.removeAttribute("data-value");
      else mention.dataset.value = words(value);
    }
  };

  // A patient travels in the part of an address that no server sees, or as a case file.
  const read = async (text) => {
    if (text.length > LARGEST) throw new Error("it is too large");
    const opened = await ready;
    if (opened.error) throw new Error(opened.error);
    const record = JSON.parse(await ask({ call: "record", text }, TIMEOUT));
    if (record.error) throw new Error(record.error);
    given = record.facts;
    asOf.value = record.as_of ?? "";
    unlisted.checked = record.unlisted === "no";
    redraw();
    await evaluate();
  };
  const tell = (text) => { note.textContent = text; };
  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const decode = (text) => new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)));
  const fromLink = () => {
    if (!location.hash.startsWith(LINK)) return false;
    byId("try").scrollIntoView();
    (async () => {
      try {
        if (location.hash.length > LARGEST) throw new Error("it is too long");
        await read(decode(location.hash.slice(LINK.length)));
      } catch (error) { refuse(`The link holds no patient: ${error.message}`); }
    })();
    return true;
  };
  byId("try-link").addEventListener("click", async () => {
    history.replaceState(null, "", LINK + encode(JSON.stringify(patient())));
    try { await navigator.clipboard.writeText(location.href); tell("The link is copied. It holds what is recorded of this patient."); }
    catch { tell("The link stands in the address bar. It holds what is recorded of this patient."); }
  });
  byId("try-save").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([`${JSON.stringify(patient(), null, 2)}\n`], { type: "application/json" }));
    make("a", { href: address, download: "patient.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    tell("Saved as patient.json, which gl eval --case reads.");
  });
  byId("try-load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      if (file.size > LARGEST) throw new Error("the case file is too large");
      await read(await file.text());
      tell(`Read from ${file.name}.`);
    } catch (error) { refuse(`${file.name} cannot be read: ${error.message}`); }
    event.target.value = "";
  });
  byId("try-clear").addEventListener("click", () => {
    given = {};
    asOf.value = "";
    unlisted.checked = false;
    redraw();
    evaluate();
    if (location.hash.startsWith(LINK)) history.replaceState(null, "", location.pathname + location.search);
    tell("");
  });
  asOf.addEventListener("change", evaluate);
  unlisted.addEventListener("change", evaluate);
  addEventListener("hashchange", fromLink);

  section.hidden = false;
  draw();
  start();
  if (!fromLink()) evaluate();
})();
