// The signature pad: drawn by pen, finger or mouse, sent as a small PNG; and the comparison of numbers.
"use strict";

(() => {
  const LARGEST = 200000; // bytes that the server takes; base64 is a third longer

  function pad(part) {
    const field = document.getElementById(part.dataset.signature);
    const canvas = part.querySelector("canvas");
    const state = part.querySelector("[data-signed]");
    const paper = part.querySelector("input[name=signed_on_paper]");
    const pen = canvas.getContext("2d");
    let last = null;
    part.querySelector(".mc-pad").hidden = false;

    const tell = () => { state.textContent = field.value ? state.dataset.signed : state.dataset.empty; };
    const clear = () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = "";
      tell();
    };
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    };
    const draw = (event) => {
      const [x, y] = at(event);
      pen.lineWidth = 2.5;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#12395b";
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(x, y);
      pen.stroke();
      last = [x, y];
    };
    const keep = () => {
      if (last === null) return;
      last = null;
      const drawn = canvas.toDataURL("image/png");
      field.value = drawn.length * 3 / 4 > LARGEST ? "" : drawn;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      tell();
    };

    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      last = at(event);
      draw(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (last !== null) draw(event); });
    canvas.addEventListener("pointerup", keep);
    canvas.addEventListener("pointercancel", keep);
    part.querySelector("[data-clear]").addEventListener("click", clear);
    paper.addEventListener("change", () => { if (paper.checked) clear(); });

    if (field.value) { // a form that came back refused shows again what was drawn
      const image = new Image();
      image.addEventListener("load", () => pen.drawImage(image, 0, 0));
      image.src = field.value;
    }
    tell();
  }

  // The number on the receiver's paper beside those that the dossier has: a warning, never a refusal.
  function compare(box) {
    const known = box.dataset.known.split(" ").filter(Boolean);
    const warning = box.querySelector(".mc-number-warns");
    const input = box.querySelector("input");
    const look = () => {
      const typed = input.value.replace(/\s/g, "");
      warning.hidden = known.length === 0 || typed.length < 9 || known.includes(typed);
    };
    input.addEventListener("input", look);
    look();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-signature]").forEach(pad);
    document.querySelectorAll(".mc-number[data-known]").forEach(compare);
  });
})();
