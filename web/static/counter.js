// The counter: one key to receive, the known applicant filled in, the receipt printed.
"use strict";

(() => {
  document.addEventListener("keydown", (event) => {
    const form = document.getElementById("receive");
    if (form && (event.key === "F9" || (event.ctrlKey && event.key === "Enter"))) {
      event.preventDefault();
      form.requestSubmit(document.getElementById("receive-now"));
    }
    const known = document.querySelector("[data-fill]");
    if (known && event.key === "F8") {
      event.preventDefault();
      fill(known);
    }
    const another = document.getElementById("another");
    if (another && event.key === "F2") {
      event.preventDefault();
      another.click();
    }
  });

  // Who is this number? Asked by POST with the form's token, so that no number stands in an address.
  let asked = "";
  async function ask(input, place) {
    const number = input.value.replace(/\s/g, "");
    if (number === asked) return;
    asked = number;
    if (number.length < 9) return place.replaceChildren();
    const body = new FormData();
    body.set("identity_number", number);
    body.set("csrf_token", input.form.elements.csrf_token.value);
    const response = await fetch(place.dataset.known, { method: "POST", body, credentials: "same-origin" });
    if (response.ok && number === asked) place.innerHTML = await response.text();
  }

  function fill(button) {
    const form = document.getElementById("receive");
    for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) {
      if (value) form.elements[name].value = value;
    }
    document.querySelector(".mc-papers input[type=checkbox]")?.focus();
  }

  // The receipt in a frame of this page, printed as soon as it is there.
  function showReceipt(place) {
    if (!navigator.pdfViewerEnabled) return;
    const frame = document.createElement("iframe");
    frame.src = `${place.dataset.receipt}#navpanes=0&view=FitH`;
    frame.title = place.dataset.title;
    const wanted = place.hasAttribute("data-print-now");
    if (wanted) history.replaceState(null, "", location.pathname); // loading the page again does not print again
    // A browser without a screen has no print dialog, and Chromium dies of printing a framed PDF there.
    if (wanted && !navigator.webdriver) {
      frame.addEventListener("load", () => { try { frame.contentWindow.print(); } catch { /* the link remains */ } });
    }
    place.append(frame);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const number = document.querySelector("#receive [name=identity_number]");
    const known = document.getElementById("known");
    if (number && known) number.addEventListener("input", () => ask(number, known));
    document.querySelectorAll("[data-receipt]").forEach(showReceipt);
    (document.querySelector(".is-invalid") ?? document.getElementById("refused") ?? number)?.focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (button) fill(button);
  });
  document.addEventListener("input", (event) => {
    const ticks = event.target.dataset?.ticks;
    if (ticks) event.target.form.elements[ticks].checked = event.target.value.trim() !== "";
  });
})();
