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
    for (const step of JSON.parse(box.dataset.steps)) {
      const element = known.get(step.node);
      if (!element || canvas.findRoot(element) !== canvas.getRootElement()) continue; // of another version, or inside a part
      hottest = hottest || element; // the slowest step comes first
      canvas.addMarker(step.node, `mc-hot-${step.heat}`);
      const flag = document.createElement("div");
      flag.className = "mc-heat-flag";
      flag.textContent = `${step.heat} · ${step.text}`;
      viewer.get("overlays").add(step.node, "heat", { position: { bottom: 4, left: 2 }, html: flag });
    }
    canvas.zoom("fit-viewport", "auto");
    look(canvas, hottest);
    const drawing = box.querySelector(".djs-container");
    drawing.querySelectorAll("[tabindex]").forEach((inner) => inner.removeAttribute("tabindex"));
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", box.dataset.label);
    box.dataset.drawn = "1";
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
