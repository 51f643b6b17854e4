// The inbox: peek beside the list, tools in place, what changed meanwhile, and coming back to where one was.
"use strict";

(() => {
  const WIDE = matchMedia("(min-width: 64rem)");
  const PLACE = "motcua.inbox"; // of sessionStorage: ids of rows, nothing of any citizen
  const EVERY = 20_000; // milliseconds between two questions
  const peek = () => document.getElementById("peek");
  const rows = () => [...document.querySelectorAll("[data-rows] > tr")];
  const rowOf = (element) => element?.closest?.("[data-rows] > tr") ?? null;
  const peeked = () => document.querySelector("[data-rows] > tr[aria-current]");
  const isOpen = () => peek() !== null && !peek().hidden;
  const shows = (row) => isOpen() && peek().dataset.of === row.dataset.id; // not while another one's is on its way

  // --- parts of pages in place ---------------------------------------------------------------------------------

  let last = 0; // only the answer to the last question is shown
  async function load(link, place) {
    const turn = ++last;
    const response = await fetch(link.href, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (response.redirected || !response.ok) return location.assign(link.href); // signed out, or gone: the page says so
    const html = await response.text();
    if (turn !== last) return null;
    place.innerHTML = html;
    place.hidden = false;
    return place;
  }

  const toAct = () => (peek().querySelector(".mc-peek-next :is(input:not([type=hidden]), select, textarea)") ?? peek().querySelector(".mc-peek-next button"))?.focus();

  async function showPeek(row, { act = false } = {}) {
    const link = row.querySelector("a[data-into=peek]");
    delete peek().dataset.of;
    for (const each of rows()) each.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    if (!(await load(link, peek()))) return;
    peek().dispatchEvent(new Event("motcua:placed", { bubbles: true })); // its forms are kept as those of pages are
    peek().dataset.of = row.dataset.id;
    if (act) toAct();
  }

  function closePeek() {
    const row = peeked();
    peek().hidden = true;
    peek().replaceChildren();
    row?.removeAttribute("aria-current");
    row?.focus();
  }

  async function follow(link) {
    const place = document.getElementById(link.dataset.into);
    if (place.id !== "peek") return (await load(link, place))?.querySelector("input:not([type=hidden]), select, a, button")?.focus();
    const row = rowOf(link);
    if (!link.hasAttribute("data-next")) return isOpen() && row === peeked() ? closePeek() : showPeek(row);
    return shows(row) ? toAct() : showPeek(row, { act: true }); // the n of the button does it, never one on the row
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-into]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const place = document.getElementById(link.dataset.into);
    if (!place || (place.id === "peek" && !WIDE.matches)) return; // on a phone the peek is a page
    event.preventDefault();
    follow(link).catch(() => location.assign(link.href));
  });

  // The peek follows the row that is chosen, a moment later: whoever holds j down asks for one row, not for thirty.
  let soon = 0;
  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (!row || !isOpen() || row === peeked()) return;
    clearTimeout(soon);
    soon = setTimeout(() => { if (row.contains(document.activeElement)) showPeek(row).catch(() => {}); }, 150);
  });

  const keysOff = () => { try { return localStorage.getItem("motcua.keys-off") === "1"; } catch { return false; } };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !document.querySelector("dialog[open]")) return closePeek();
    if (!isOpen() || !peek().contains(document.activeElement)) return;
    if (event.ctrlKey || event.altKey || event.metaKey || keysOff()) return;
    if (document.activeElement.closest("input, select, textarea")) return;
    if (event.key === "j" || event.key === "k") return peeked()?.focus(); // then the list moves on from there
    const own = event.key.length === 1 ? peek().querySelector(`[data-key="${CSS.escape(event.key)}"]`) : null;
    if (!own) return;
    event.preventDefault();
    event.stopPropagation();
    own.click();
  }, true);

  // --- coming back -----------------------------------------------------------------------------------------------

  const here = () => location.pathname + location.search;
  let returns = false; // a form of this page sends us back to it
  document.addEventListener("submit", (event) => { returns = event.target.method === "post"; });

  function keep() {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement) || row === peeked());
    const chosen = [...document.querySelectorAll("[data-rows] input[type=checkbox]:checked")].map((box) => rowOf(box).dataset.id);
    const state = { here: here(), y: scrollY, at, id: all[at]?.dataset.id ?? null, peek: isOpen(), chosen, returns };
    try { sessionStorage.setItem(PLACE, JSON.stringify(state)); } catch { /* private window: starts at the top */ }
  }

  function restore() {
    let state = null;
    try { state = JSON.parse(sessionStorage.getItem(PLACE)); } catch { return; }
    const back = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
    if (!state || state.here !== here() || !(back || state.returns)) return;
    for (const row of rows()) {
      const box = row.querySelector("input[type=checkbox]");
      if (box && state.chosen.includes(row.dataset.id)) {
        box.checked = true;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    scrollTo(0, state.y);
    const all = rows();
    const row = all.find((each) => each.dataset.id === state.id) ?? all[Math.min(state.at, all.length - 1)];
    if (!row || state.at < 0) return;
    row.focus({ preventScroll: true });
    if (state.peek && WIDE.matches) showPeek(row).catch(() => {});
  }

  addEventListener("pagehide", keep);
  document.addEventListener("DOMContentLoaded", restore);

  // --- what changed meanwhile ------------------------------------------------------------------------------------

  function tell(news, facts) {
    for (const [queue, size] of Object.entries(facts.counts)) {
      const place = document.querySelector(`[data-count="${queue}"]`);
      if (place) place.textContent = size;
    }
    const shown = new Map(rows().map((row) => [row.dataset.id, row.dataset.version]));
    const fresh = facts.rows.filter(([id]) => !shown.has(id)).length;
    const same = facts.rows.length === shown.size && facts.rows.every(([id, version]) => shown.get(id) === version);
    const link = news.querySelector("a");
    link.hidden = same;
    link.querySelector("span").textContent = same ? "" : fresh ? link.dataset.new.replace("{count}", fresh) : link.dataset.changed;
  }

  async function ask(news) {
    if (document.hidden) return;
    const response = await fetch(news.dataset.live, { headers: { "If-None-Match": `"${news.dataset.tag}"` }, credentials: "same-origin", cache: "no-store" });
    const tag = response.headers.get("ETag");
    if (tag) news.dataset.tag = tag.replace(/^(W\/)?"|"$/g, "");
    if (response.status === 200) tell(news, await response.json());
  }

  document.addEventListener("DOMContentLoaded", () => {
    const news = document.getElementById("news");
    if (!news) return;
    const quietly = () => ask(news).catch(() => {}); // no net: the next question comes
    setInterval(quietly, EVERY);
    document.addEventListener("visibilitychange", quietly);
    document.addEventListener("motcua:ask", quietly);
    news.addEventListener("click", () => { returns = true; });
  });
})();
