// The page of a dossier: says when somebody has changed it meanwhile, and walks through its tabs by key.
"use strict";

(() => {
  const EVERY = 30_000; // milliseconds

  // Asks what has happened since the page was made; the answer is a line to show, or nothing.
  async function ask(box) {
    if (document.hidden) return;
    try {
      const response = await fetch(box.dataset.news, { credentials: "same-origin", redirect: "error" });
      if (response.status === 200) box.innerHTML = await response.text();
    } catch {
      // no net, or signed out: the next round asks again, and a form that is sent says it anyhow
    }
  }

  function step(by) {
    const tabs = [...document.querySelectorAll(".mc-tabs a")];
    const at = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    tabs[(at + by + tabs.length) % tabs.length].click();
  }

  function isTyping(target) {
    return target.closest("input, textarea, select, dialog[open], [contenteditable]") !== null;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-news]");
    if (box) {
      setInterval(() => ask(box), EVERY);
      document.addEventListener("visibilitychange", () => ask(box));
    }
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      if (!document.querySelector(".mc-tabs") || document.getElementById("keys-on")?.checked === false) return;
      if (event.key === "]") step(1);
      if (event.key === "[") step(-1);
    });
  });
})();
