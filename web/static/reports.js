// The period form: dates follow the chosen period, and a date that is typed is no named period any more.
"use strict";

(() => {
  document.querySelectorAll("[data-period-form]").forEach((form) => {
    const period = form.elements.ky;
    const from = form.elements.tu;
    const to = form.elements.den;
    if (!period || !from || !to) return;
    period.addEventListener("change", () => {
      const chosen = period.selectedOptions[0];
      if (!chosen || !chosen.dataset.from) return;
      from.value = chosen.dataset.from;
      to.value = chosen.dataset.to;
    });
    [from, to].forEach((field) => field.addEventListener("change", () => { period.value = ""; }));
  });
})();
