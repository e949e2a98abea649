"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const contents = document.getElementById("contents");
  if (contents && matchMedia("(max-width: 56rem)").matches) contents.open = false;

  // What a link leads to may lie in something that is folded up, or may have been searched away.
  const reveal = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    let changed = false;
    for (let e = target.parentElement; e; e = e.parentElement) {
      if (e.tagName === "DETAILS" && !e.open) { e.open = true; changed = true; }
    }
    if (changed) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // Search: every word must occur; what has no match is left out, and headings with nothing under them.
  const search = document.getElementById("search");
  const show = document.getElementById("show");
  const found = document.getElementById("found");
  const parts = all("[data-find]").map((element) => ({ element, text: null }));
  const isRule = (element) => element.classList.contains("rule");
  const apply = () => {
    const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const wanted = show.value;
    const active = words.length > 0 || wanted !== "";
    let rules = 0, others = 0;
    for (const part of parts) {
      part.text ??= part.element.textContent.toLocaleLowerCase();
      const { element, text } = part;
      const fits = words.every((word) => text.includes(word)) && (wanted === "" || (isRule(element) && element.classList.contains(wanted)));
      element.hidden = !fits;
      if (fits) isRule(element) ? rules++ : others++;
    }
    for (const group of all("details.more, details.map, dl.definitions, table")) {
      const inside = all("[data-find]", group);
      if (group.classList.contains("map")) group.hidden = active;
      else if (inside.length) group.hidden = active && inside.every((e) => e.hidden);
      if (group.tagName === "DETAILS" && active && !group.hidden && inside.some((e) => !e.hidden) && words.length) group.open = true;
    }
    for (const section of all("main > section")) {
      const inside = all("[data-find]", section);
      section.hidden = active && (inside.length === 0 || inside.every((e) => e.hidden));
    }
    found.textContent = active ? `${rules} ${rules === 1 ? "rule" : "rules"}, ${others} other ${others === 1 ? "entry" : "entries"}` : "";
  };
  const clear = () => { search.value = ""; show.value = ""; apply(); };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
  search.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
  show.addEventListener("change", apply);
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      contents.open = true;
      search.focus();
    }
  });

  // What a reader left folded up stays so on paper, the maps excepted.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details.map:not([open])");
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => { folded.forEach((details) => { details.open = false; }); folded = []; });

  // The map: whatever leads to a box, and whatever it leads to.
  for (const map of all("[data-map]")) {
    const svg = map.querySelector("svg");
    const boxes = new Map(all(".box", svg).map((box) => {
      const rect = box.querySelector("rect"), text = box.querySelector("text");
      const x = Number(rect.getAttribute("x")), y = Number(rect.getAttribute("y")) + 12;
      return [box.dataset.box, { box, rect, text, x, y, home: y, homeX: x, layer: Number(box.dataset.layer), before: [], after: [] }];
    }));
    const lines = all("path", svg).map((path) => ({ path, from: path.dataset.from, to: path.dataset.to, home: path.getAttribute("d") }));
    for (const line of lines) {
      boxes.get(line.from).after.push(line);
      boxes.get(line.to).before.push(line);
    }
    const walk = (start, side, next) => {
      const seen = new Set([start]), passed = new Set(), waiting = [start];
      while (waiting.length) {
        for (const line of boxes.get(waiting.pop())[side]) {
          passed.add(line);
          if (!seen.has(line[next])) { seen.add(line[next]); waiting.push(line[next]); }
        }
      }
      return [seen, passed];
    };
    const around = (id) => {
      const [back, lines1] = walk(id, "before", "from");
      const [forth, lines2] = walk(id, "after", "to");
      return [new Set([...back, ...forth]), new Set([...lines1, ...lines2])];
    };
    const light = (id) => {
      const [on, paths] = id === null ? [new Set(), new Set()] : around(id);
      svg.classList.toggle("lit", id !== null);
      for (const [key, { box }] of boxes) box.classList.toggle("on", on.has(key));
      for (const line of lines) line.path.classList.toggle("on", paths.has(line));
    };
    const shown = () => [...boxes.values()].filter(({ box }) => !box.hasAttribute("display"));
    // One stop for the tab key; the arrows do the rest.
    let stop = null;
    const only = (box) => {
      for (const { box: other } of boxes.values()) other.setAttribute("tabindex", other === box ? "0" : "-1");
      stop = box;
    };
    only([...boxes.values()][0]?.box);
    for (const [id, { box }] of boxes) {
      box.addEventListener("mouseenter", () => light(id));
      box.addEventListener("mouseleave", () => light(null));
      box.addEventListener("focus", () => { only(box); light(id); });
      box.addEventListener("blur", () => light(null));
    }
    svg.addEventListener("keydown", (event) => {
      const here = boxes.get(document.activeElement?.dataset?.box);
      if (!here) return;
      const visible = new Set(shown());
      const nearest = (list) => list.filter((b) => visible.has(b)).sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0];
      const column = [...visible].filter((b) => b.layer === here.layer).sort((a, b) => a.y - b.y);
      const at = column.indexOf(here);
      const to = {
        ArrowUp: () => column[at - 1],
        ArrowDown: () => column[at + 1],
        ArrowLeft: () => nearest(here.before.map((line) => boxes.get(line.from))),
        ArrowRight: () => nearest(here.after.map((line) => boxes.get(line.to))),
      }[event.key]?.();
      if (!to) return;
      event.preventDefault();
      to.box.focus();
    });
    const place = (entry, x, y) => {
      entry.x = x;
      entry.y = y;
      entry.rect.setAttribute("x", x);
      entry.text.setAttribute("x", x + 9);
      entry.rect.setAttribute("y", y - 12);
      entry.text.setAttribute("y", y + 4);
    };
    const height = Number(svg.getAttribute("height")), width = Number(svg.getAttribute("width"));
    const size = (w, h) => {
      svg.setAttribute("width", w);
      svg.setAttribute("height", h);
      svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    };
    const titles = all(".column", svg).map((title) => ({ title, layer: Number(title.dataset.layer), home: Number(title.getAttribute("x")) }));
    const boxWidth = Number(svg.querySelector("rect").getAttribute("width"));
    const step = Math.min(...[...boxes.values()].map((b) => b.homeX).filter((x) => x > 0));
    map.querySelector("select").addEventListener("change", (event) => {
      const id = event.target.value;
      const kept = id === "" ? null : walk(id, "before", "from")[0];
      const columns = new Map();
      for (const [key, entry] of boxes) {
        if (kept && !kept.has(key)) { entry.box.setAttribute("display", "none"); continue; }
        entry.box.removeAttribute("display");
        if (!columns.has(entry.layer)) columns.set(entry.layer, []);
        columns.get(entry.layer).push(entry);
      }
      const rows = Math.max(...[...columns.values()].map((column) => column.length));
      // Layers that are left empty close up.
      const layers = [...columns.keys()].sort((a, b) => a - b);
      for (const [layer, column] of columns) {
        column.sort((a, b) => a.home - b.home);
        column.forEach((entry, row) => (kept
          ? place(entry, layers.indexOf(layer) * step, 44 + ((2 * row + 1) * rows * 30) / (2 * column.length))
          : place(entry, entry.homeX, entry.home)));
      }
      for (const { title, layer, home } of titles) {
        const at = layers.indexOf(layer);
        at < 0 ? title.setAttribute("display", "none") : title.removeAttribute("display");
        title.setAttribute("x", kept && at >= 0 ? at * step + 8 : home);
      }
      kept ? size((layers.length - 1) * step + boxWidth, 44 + rows * 30 + 15) : size(width, height);
      for (const line of lines) {
        const [from, to] = [boxes.get(line.from), boxes.get(line.to)];
        const off = kept && !(kept.has(line.from) && kept.has(line.to));
        off ? line.path.setAttribute("display", "none") : line.path.removeAttribute("display");
        const start = from.x + boxWidth, middle = (start + to.x) / 2;
        line.path.setAttribute("d", kept ? `M${start} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}` : line.home);
      }
      if (stop?.hasAttribute("display")) only(shown()[0]?.box);
    });
  }
  reveal();
})();
