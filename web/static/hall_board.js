// The hall board turns its pages by itself: the next page is fetched and put in place at once, without any motion.
// A link of the page pauses it, as does the space bar; arrows turn pages. Without scripts the page does the same.
"use strict";

(() => {
  const board = () => document.getElementById("board");
  let timer = null;

  async function show(address) {
    clearTimeout(timer);
    let page = null;
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board");
    } catch { /* no net: what is shown stays, and the same is asked again */ }
    if (page !== null) {
      const focused = document.activeElement?.id;
      board().replaceWith(document.adoptNode(page));
      if (focused) document.getElementById(focused)?.focus();
      history.replaceState(null, "", address);
    }
    wait();
  }

  function wait() {
    clearTimeout(timer);
    const { paused, seconds, next } = board().dataset;
    if (paused === undefined) timer = setTimeout(() => show(next), Number(seconds) * 1000);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#board a");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const id = { " ": "hb-pause", ArrowRight: "hb-next", ArrowLeft: "hb-before" }[event.key];
    if (id === undefined) return;
    event.preventDefault();
    document.getElementById(id).click();
  });
  wait();
})();
