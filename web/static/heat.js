// Draws a process with the time of its steps; the same facts stand in a table beside it.
"use strict";

(() => {
  async function draw(box) {
    const viewer = new BpmnJS({ container: box });
    const response = await fetch(box.dataset.heat, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return; // redirected: signed out meanwhile
    await viewer.importXML(await response.text());
    const canvas = viewer.get("canvas");
    const known = viewer.get("elementRegistry");
    let hottest = null;
    const flags = new Map();
    for (const step of JSON.parse(box.dataset.steps)) {
      const element = drawn(known, step.node);
      if (!element || canvas.findRoot(element) !== canvas.getRootElement()) continue; // of another version, or inside a part
      hottest = hottest || element; // the slowest step comes first
      if (!flags.has(element)) {
        canvas.addMarker(element.id, `mc-hot-${step.heat}`);
        const flag = document.createElement("div");
        flag.className = "mc-heat-flag";
        flags.set(element, flag);
        viewer.get("overlays").add(element.id, "heat", { position: { bottom: 4, left: 2 }, html: flag });
      }
      const line = document.createElement("div");
      const name = element.id === step.node || !step.name ? "" : `${step.name}: `;
      line.textContent = `${step.heat} · ${name}${step.text}`;
      flags.get(element).append(line);
    }
    if (box.dataset.edges) flow(viewer, JSON.parse(box.dataset.edges));
    canvas.zoom("fit-viewport", "auto");
    look(canvas, hottest);
    const drawing = box.querySelector(".djs-container");
    drawing.querySelectorAll("[tabindex]").forEach((inner) => inner.removeAttribute("tabindex"));
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", box.dataset.label);
    box.dataset.drawn = "1";
  }

  // What stands for a step in the drawing: itself, or the call of the part that it lies in, for shared parts are not
  // drawn. Names of what is in a part begin with the name of its call (see docs/decisions/0021-source-and-model.md).
  function drawn(known, node) {
    for (let name = node; name; name = name.slice(0, Math.max(0, name.lastIndexOf("__")))) {
      const element = known.get(name);
      if (element) return element;
    }
    return null;
  }

  // How often dossiers went along each line of the drawing. Steps that followed each other otherwise, such as back to
  // one that was done, are on no line; the table says so.
  function flow(viewer, edges) {
    const counts = new Map();
    for (const edge of edges) {
      const [source, target] = [edge.source, edge.target].map((node) => (drawn(viewer.get("elementRegistry"), node) || { id: node }).id);
      if (source === target && source !== edge.source && target !== edge.target) continue; // within one shared part
      const lines = way(viewer, edge.source === "start" ? "start" : source, edge.target === "end" ? "end" : target);
      if (lines) lines.forEach((line) => counts.set(line, (counts.get(line) || 0) + edge.times));
      else if (edge.source !== "start" && edge.target !== "end") tellAside(edge);
    }
    const most = Math.max(...counts.values(), 1);
    counts.forEach((times, line) => {
      viewer.get("canvas").addMarker(line.id, `mc-flow-${Math.max(1, Math.ceil((5 * times) / most))}`);
      const flag = document.createElement("div");
      flag.className = "mc-flow-flag";
      flag.textContent = `×${times}`;
      viewer.get("overlays").add(line.id, "flow", { position: middle(line), html: flag });
    });
  }

  // The shortest way from a step to another through gateways, events, parts and called processes, as its lines; null
  // when there is none.
  function way(viewer, source, target) {
    const known = viewer.get("elementRegistry");
    const starts = source === "start" ? inside(known, (element) => !element.incoming.length) : [known.get(source)].filter(Boolean);
    const seen = new Set(starts);
    const waiting = starts.map((element) => [element, []]);
    const push = (element, lines) => {
      if (seen.has(element)) return;
      seen.add(element);
      waiting.push([element, lines]);
    };
    while (waiting.length) {
      const [element, lines] = waiting.shift();
      for (const line of leaving(known, element)) {
        if (isGoal(line.target, target)) return [...lines, line];
        const parts = entered(known, line.target);
        if (parts.length) parts.forEach((start) => push(start, [...lines, line]));
        else if (!/Task$|CallActivity$|SubProcess$/.test(line.target.type)) push(line.target, [...lines, line]);
      }
    }
    return null;
  }

  const isGoal = (element, target) => (target === "end" ? element.type === "bpmn:EndEvent" && !element.labelTarget : element.id === target);

  function inside(known, chosen) {
    return known.filter((element) => element.type === "bpmn:StartEvent" && !element.labelTarget && chosen(element));
  }

  // The start events of a part or of a called process that is drawn, too.
  function entered(known, element) {
    if (element.type === "bpmn:SubProcess") return inside(known, (start) => start.parent === element);
    if (element.type !== "bpmn:CallActivity") return [];
    return inside(known, (start) => called(start.parent) === element.businessObject.calledElement);
  }

  // The lines that go on from an element; from the end of a part, those of the part.
  function leaving(known, element) {
    const lines = (element.outgoing || []).filter((line) => line.type === "bpmn:SequenceFlow");
    if (lines.length || element.type !== "bpmn:EndEvent" || !element.parent) return lines;
    const process = called(element.parent);
    const around = element.parent.type === "bpmn:SubProcess"
      ? [element.parent]
      : known.filter((each) => each.type === "bpmn:CallActivity" && process && each.businessObject.calledElement === process);
    return around.flatMap((each) => (each.outgoing || []).filter((line) => line.type === "bpmn:SequenceFlow"));
  }

  function called(element) {
    const process = element && element.businessObject && element.businessObject.processRef;
    return process ? process.id : null;
  }

  // Where the flag of a line stands: on the middle of its longest part, as an offset from its box.
  function middle(line) {
    const points = line.waypoints;
    const left = Math.min(...points.map((point) => point.x));
    const top = Math.min(...points.map((point) => point.y));
    let best = [0, points[0], points[0]];
    for (let no = 1; no < points.length; no += 1) {
      const length = Math.hypot(points[no].x - points[no - 1].x, points[no].y - points[no - 1].y);
      if (length > best[0]) best = [length, points[no - 1], points[no]];
    }
    return { left: (best[1].x + best[2].x) / 2 - left - 10, top: (best[1].y + best[2].y) / 2 - top - 8 };
  }

  function tellAside(edge) {
    const row = document.querySelector(`[data-edge="${CSS.escape(`${edge.source}|${edge.target}`)}"]`);
    if (!row) return;
    const said = document.createElement("span");
    said.className = "mc-quiet";
    said.textContent = ` (${row.dataset.aside})`;
    row.cells[1].append(said);
  }

  // A long process would be too small to read: look at the slowest step at a readable size instead.
  function look(canvas, element) {
    if (canvas.zoom() >= 0.6 || !element) return;
    canvas.zoom(0.7);
    const box = canvas.viewbox();
    const x = element.x + element.width / 2 - box.width / 2;
    const y = element.y + element.height / 2 - box.height / 2;
    const inside = (at, from, length, shown) => Math.max(Math.min(at, from + length + 10 - shown), from - 10);
    canvas.viewbox({
      x: inside(x, box.inner.x, box.inner.width, box.width),
      y: inside(y, box.inner.y, box.inner.height, box.height),
      width: box.width, height: box.height,
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-heat]").forEach((box) => draw(box));
  });
})();
