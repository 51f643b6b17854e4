// The period form: dates follow the chosen period, and a date that is typed is no named period any more. Charts that are
// wider than a phone show their newest part first.
"use strict";

(() => {
  document.querySelectorAll("[data-newest-right]").forEach((chart) => { chart.scrollLeft = chart.scrollWidth; });
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
