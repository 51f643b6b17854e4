// Draws the process of a page with its tokens; the same facts stand in a table beside it.
"use strict";

(() => {
  async function draw(box) {
    const viewer = new BpmnJS({ container: box });
    const response = await fetch(box.dataset.diagram, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return; // redirected: signed out meanwhile
    await viewer.importXML(await response.text());
    const canvas = viewer.get("canvas");
    const known = viewer.get("elementRegistry");
    // A node inside a called part ("sign__review") is drawn on the part's own plane: show where it is called.
    const drawn = (id) => {
      const shown = (each) => known.get(each) && canvas.findRoot(each) === canvas.getRootElement();
      const calls = id.split("__").map((_part, at, parts) => parts.slice(0, parts.length - at).join("__"));
      return calls.find(shown);
    };
    const places = (ids) => [...new Set(JSON.parse(ids || "[]").map(drawn).filter(Boolean))];
    const open = places(box.dataset.open);
    const done = places(box.dataset.done).filter((id) => !open.includes(id));
    done.forEach((id) => canvas.addMarker(id, "mc-passed"));
    open.forEach((id) => {
      canvas.addMarker(id, "mc-token");
      const flag = document.createElement("div");
      flag.className = "mc-flag";
      flag.textContent = box.dataset.here;
      viewer.get("overlays").add(id, "token", { position: { top: -14, left: 4 }, html: flag });
    });
    tellTime(box, viewer.get("overlays"), drawn);
    canvas.zoom("fit-viewport", "auto");
    look(canvas, known, open[0]);
    // The drawing is one image to assistive technology; the table beside it tells the same.
    const drawing = box.querySelector(".djs-container");
    drawing.querySelectorAll("[tabindex]").forEach((inner) => inner.removeAttribute("tabindex"));
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", box.dataset.label);
    box.dataset.drawn = "1";
  }

  // What each step has used, below it; the steps of a part are told together, where it is called.
  function tellTime(box, overlays, drawn) {
    const told = new Map();
    for (const { node, minutes, late } of JSON.parse(box.dataset.used || "[]")) {
      const place = drawn(node);
      if (!place) continue;
      const before = told.get(place) ?? { minutes: 0, late: false };
      told.set(place, { minutes: before.minutes + minutes, late: before.late || late });
    }
    told.forEach(({ minutes, late }, place) => {
      const flag = document.createElement("div");
      flag.className = late ? "mc-used-flag mc-used-late" : "mc-used-flag";
      flag.textContent = words(box, minutes) + (late ? ` ⚠ ${box.dataset.late}` : "");
      overlays.add(place, "used", { position: { bottom: 10, left: 4 }, html: flag });
    });
  }

  function words(box, minutes) {
    const hours = Math.floor(minutes / 60), rest = minutes % 60;
    const parts = [hours ? `${hours} ${box.dataset.hours}` : "", rest || !hours ? `${rest} ${box.dataset.minutes}` : ""];
    return parts.filter(Boolean).join(" ");
  }

  // A long process would be too small to read: look at the token at a readable size instead.
  function look(canvas, known, id) {
    if (canvas.zoom() >= 0.6) return;
    canvas.zoom(0.7);
    const box = canvas.viewbox();
    const element = id && known.get(id);
    const x = element ? element.x + element.width / 2 - box.width / 2 : box.inner.x - 10;
    const y = element ? element.y + element.height / 2 - box.height / 2 : box.inner.y - 10;
    const inside = (at, from, length, shown) => Math.max(Math.min(at, from + length + 10 - shown), from - 10);
    canvas.viewbox({
      x: inside(x, box.inner.x, box.inner.width, box.width),
      y: inside(y, box.inner.y, box.inner.height, box.height),
      width: box.width, height: box.height,
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-diagram]").forEach((box) => draw(box));
  });
})();
