// The counter: one key to receive, the known applicant filled in, scans looked at, the receipt printed.
"use strict";

(() => {
  const LARGEST_FILE = 20 * 1024 * 1024; // bytes, as the server has it
  const LARGEST_FORM = 30 * 1024 * 1024;
  const KINDS = /\.(pdf|jpe?g|png|tiff?|docx)$/i;
  document.documentElement.classList.add("mc-scripted");

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
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event, event.key === "ArrowDown" ? 1 : -1);
    if (event.key === "Enter" && event.target.id === "q" && !event.ctrlKey) choose(event);
  });

  // ↓ and ↑ go from line to line, in the offers and in a column of the papers. A list of choices keeps its own arrows.
  function move(event, step) {
    const at = event.target;
    const offers = [...document.querySelectorAll("#offers .mc-offer")];
    if (at.id === "q" || at.classList.contains("mc-offer")) {
      const next = at.id === "q" ? (step > 0 ? offers[0] : null) : offers[offers.indexOf(at) + step] ?? (step < 0 ? document.getElementById("q") : null);
      if (next) event.preventDefault();
      next?.focus();
    } else if (at.dataset?.column && at.tagName === "INPUT" && at.closest("#papers")) {
      const all = [...document.querySelectorAll(`#papers [data-column="${at.dataset.column}"]`)];
      const next = all[all.indexOf(at) + step];
      if (next) event.preventDefault();
      next?.focus();
    }
  }

  // Enter in the search takes the first offer for what is typed now, as soon as the offers have come.
  let asking = false; // the offers are of an earlier word
  let chosen = false;
  function choose(event) {
    event.preventDefault();
    chosen = true;
    if (!asking) follow();
    else setTimeout(() => chosen && event.target.form.submit(), 3000); // no answer: the page itself finds them
  }
  function follow() {
    chosen = false;
    document.querySelector("#offers .mc-offer")?.click();
  }
  document.addEventListener("htmx:after:swap", () => {
    if (!document.getElementById("q")) return;
    asking = false;
    if (chosen) follow();
  });

  // Who is this number? Asked by POST with the form's token, so that no number stands in an address.
  async function ask(input, place) {
    const number = input.value.replace(/\s/g, "");
    if (number === place.asked) return;
    place.asked = number;
    if (number.length < 9) {
      if (place.firstChild) refresh();
      return place.replaceChildren();
    }
    const body = new FormData();
    body.set("identity_number", number);
    body.set("prefix", place.dataset.prefix ?? "");
    const said = await post(place.dataset.known, body);
    if (said === null || number !== place.asked) return;
    place.innerHTML = said;
    refresh();
  }

  async function post(address, body) {
    body.set("csrf_token", document.getElementById("receive").elements.csrf_token.value);
    try {
      const response = await fetch(address, { method: "POST", body, credentials: "same-origin" });
      return response.ok ? await response.text() : null;
    } catch {
      return null; // the net is down: the form can be filled in all the same
    }
  }

  // The check-list depends on the answers and on whose dossier it is. Chosen files cannot be sent back, so they move.
  let wanted = 0;
  async function refresh() {
    const papers = document.getElementById("papers");
    const turn = (wanted += 1);
    const body = new FormData();
    for (const [name, value] of new FormData(papers.closest("form"))) if (typeof value === "string") body.append(name, value);
    const said = await post(papers.dataset.papers, body);
    if (said === null || turn !== wanted) return;
    const before = new Map(lines(papers)); // as they are now: they may have been ticked since this was asked
    const focused = papers.contains(document.activeElement) ? document.activeElement.name : null;
    papers.innerHTML = said;
    for (const [key, fields] of lines(papers)) for (const field of fields) carry(field, before.get(key));
    if (focused) papers.querySelector(`[name="${focused}"]`)?.focus();
  }

  // The lines of the check-list by paper, those to write by place, each with its fields.
  function lines(papers) {
    let free = 0;
    return [...papers.querySelectorAll("tr[data-paper]")].map((row) => [row.dataset.paper || `free ${(free += 1)}`, [...row.querySelectorAll("[data-column]")]]);
  }

  function carry(field, olds) {
    const old = olds?.find((each) => each.dataset.column === field.dataset.column);
    if (!old) return;
    if (field.type === "checkbox") field.checked = old.checked;
    else if (field.type !== "file") {
      if (field.tagName !== "SELECT" || [...field.options].some((each) => each.value === old.value)) field.value = old.value;
    } else if (old.files.length) {
      old.name = field.name;
      field.replaceWith(old);
      preview(old);
    }
  }

  function fill(button) {
    const form = document.getElementById("receive");
    const facts = JSON.parse(button.dataset.fill);
    for (const [name, value] of Object.entries(facts)) {
      if (value && form.elements[name]) form.elements[name].value = value;
    }
    form.elements[Object.keys(facts)[0]].dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector(".mc-papers input[type=checkbox]")?.focus();
  }

  // What was chosen is shown before it is sent: an image as itself, a PDF in the browser's own reader.
  function preview(input) {
    const said = document.getElementById("files-said");
    const place = input.closest("tr").querySelector("[data-previews]");
    place.replaceChildren(...[...input.files].map((file) => picture(file, input, said)));
    const have = document.querySelector(`[name="${input.name.replace("-files", "-have")}"]`);
    if (input.files.length && have && !have.checked) have.click();
    const all = [...document.querySelectorAll("#papers input[type=file]")].flatMap((each) => [...each.files]);
    if (all.reduce((sum, file) => sum + file.size, 0) > LARGEST_FORM) said.textContent = said.dataset.tooLarge;
  }

  function picture(file, input, said) {
    const box = document.createElement("span");
    box.className = "mc-preview";
    const wrong = !KINDS.test(file.name) ? said.dataset.wrong : file.size > LARGEST_FILE ? said.dataset.tooLarge : "";
    if (/^image\/(png|jpeg)$/.test(file.type) && !wrong) {
      const image = document.createElement("img");
      image.alt = "";
      read(file).then((address) => { image.src = address; });
      box.append(image);
    }
    const name = document.createElement("span");
    name.className = "mc-preview-name";
    name.textContent = `${file.name} · ${size(file.size)}${wrong ? ` · ${wrong}` : ""}`;
    box.append(name);
    box.classList.toggle("mc-preview-wrong", wrong !== "");
    if (!wrong && /^(image\/(png|jpeg)|application\/pdf)$/.test(file.type)) box.append(button(said.dataset.look, file, () => look(file)));
    box.append(button(said.dataset.remove, file, () => remove(file, input)));
    return box;
  }

  function button(word, file, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm btn-outline-secondary";
    made.textContent = word;
    made.setAttribute("aria-label", `${word}: ${file.name}`);
    made.addEventListener("click", act);
    return made;
  }

  function remove(file, input) {
    const rest = new DataTransfer();
    for (const each of input.files) if (each !== file) rest.items.add(each);
    input.files = rest.files;
    preview(input);
    input.focus();
  }

  function size(bytes) {
    return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1).replace(".", ",")} MB`;
  }

  function read(file) {
    return new Promise((done) => {
      const reader = new FileReader();
      reader.addEventListener("load", () => done(reader.result));
      reader.readAsDataURL(file);
    });
  }

  async function look(file) {
    const dialog = document.getElementById("look");
    const place = dialog.querySelector("[data-look-at]");
    if (file.type === "application/pdf" && navigator.pdfViewerEnabled) {
      const frame = document.createElement("iframe");
      frame.title = file.name;
      frame.src = URL.createObjectURL(new Blob([file], { type: "application/pdf" }));
      dialog.addEventListener("close", () => URL.revokeObjectURL(frame.src), { once: true });
      place.replaceChildren(frame);
    } else if (file.type === "application/pdf") {
      place.textContent = `${file.name} · ${size(file.size)}`;
    } else {
      const image = document.createElement("img");
      image.alt = file.name;
      image.src = await read(file);
      place.replaceChildren(image);
    }
    dialog.showModal();
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
    const form = document.getElementById("receive");
    for (const place of document.querySelectorAll("[data-known]")) {
      const number = form.elements[place.dataset.number];
      number.addEventListener("input", () => ask(number, place));
      if (number.value) ask(number, place);
    }
    document.getElementById("facts")?.addEventListener("change", refresh);
    form?.elements.owner_name.addEventListener("change", refresh); // then it is the owner's papers that count
    document.querySelectorAll("[data-receipt]").forEach(showReceipt);
    (document.querySelector(".is-invalid") ?? document.getElementById("refused") ?? form?.elements.identity_number)?.focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (button) fill(button);
  });
  document.addEventListener("change", (event) => {
    if (event.target.type === "file" && event.target.closest("#papers")) preview(event.target);
    if (event.target.dataset?.column === "known" && event.target.value) {
      event.target.closest("tr").querySelector("[data-column=have]").checked = true;
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "q") asking = true;
    const ticks = event.target.dataset?.ticks;
    if (ticks) event.target.form.elements[ticks].checked = event.target.value.trim() !== "";
  });
})();
