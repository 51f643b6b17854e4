// Keyboard, copying and small conveniences; every page also works without them.
"use strict";

(() => {
  const KEYS_OFF = "motcua.keys-off";

  const keysOff = () => {
    try { return localStorage.getItem(KEYS_OFF) === "1"; } catch { return false; }
  };

  const isTyping = (element) => element.closest("input, select, textarea, [contenteditable], dialog[open]") !== null;

  // What is folded away, <details data-folds>, closes when one goes on elsewhere
  const folds = () => document.querySelectorAll("details[data-folds][open]");
  document.addEventListener("click", (event) => {
    for (const each of folds()) each.open = each.contains(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const each of folds()) {
      each.open = false;
      each.querySelector("summary").focus();
    }
  });

  // Rows of a list: <tbody data-rows><tr tabindex="-1" data-href="…">
  const rows = () => [...document.querySelectorAll("[data-rows] > tr")];

  function moveRow(step) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    next.setAttribute("tabindex", "-1");
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function onCurrentRow(act) {
    const row = rows().find((each) => each.contains(document.activeElement));
    if (row) act(row);
    return Boolean(row);
  }

  function openRow(row) {
    const link = row.querySelector("a[data-open], a");
    if (link) link.click();
  }

  function press(key) {
    if (key === "j") return moveRow(1), true;
    if (key === "k") return moveRow(-1), true;
    if (key === "x") return onCurrentRow((row) => row.querySelector("input[type=checkbox]")?.click());
    if (key === "/") {
      const search = document.querySelector("[data-search]");
      search?.focus();
      return Boolean(search);
    }
    // A key that belongs to the current row wins over the page's: <button data-key="c">
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const row = rows().find((each) => each.contains(document.activeElement));
    const target = row?.querySelector(selector) ?? document.querySelector(selector);
    target?.click();
    return Boolean(target);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target.matches?.("[data-rows] > tr")) return openRow(event.target);
    if (event.key.length !== 1 || keysOff()) return;
    if (press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const copier = event.target.closest("[data-copy]");
    if (copier) navigator.clipboard?.writeText(copier.dataset.copy);
    if (event.target.closest("[data-print]")) window.print();
  });

  // One click, one request: a second one on the same form waits for the page.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // A table that is wider than its place is scrolled by keyboard too; one that fits is no stop on the way.
  function markScrollable() {
    document.querySelectorAll(".mc-scroll").forEach((place) => {
      const wide = place.scrollWidth > place.clientWidth;
      place.toggleAttribute("tabindex", wide);
      if (!wide) return;
      place.setAttribute("tabindex", "0");
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", place.querySelector("caption")?.textContent.trim() ?? "");
    });
  }
  document.addEventListener("DOMContentLoaded", markScrollable);
  window.addEventListener("resize", markScrollable);

  // Chosen rows: a bar tells how many and offers what can be done with all of them.
  function countChosen() {
    const bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    const count = document.querySelectorAll(`input[type=checkbox][form="${bar.dataset.bulk}"]:checked`).length;
    bar.hidden = count === 0;
    bar.querySelector("[data-bulk-count]").textContent = count;
  }
  document.addEventListener("change", countChosen);
  window.addEventListener("pageshow", countChosen); // the browser may have kept ticks
  document.addEventListener("DOMContentLoaded", () => document.querySelector("main [data-focus]")?.focus());

  // What htmx put in place may ask for the focus, so that screen readers hear of it.
  document.addEventListener("htmx:after:swap", () => document.querySelector("#messages [data-focus]")?.focus());

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("keys-on");
    if (!box) return;
    box.checked = !keysOff();
    box.addEventListener("change", () => {
      try { localStorage.setItem(KEYS_OFF, box.checked ? "0" : "1"); } catch { /* private window: stays on */ }
    });
  });
})();
