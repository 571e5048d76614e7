// The tour of the desk, one step at a time: it points at what it tells of, and work goes on beside it.
(() => {
  "use strict";

  const tour = () => document.getElementById("tour");
  const steps = () => tour().querySelectorAll("[data-at]").length;
  let before = null; // what had the focus

  const go = (step) => {
    tour().dataset.step = step;
    tour().querySelector("[data-tour-at]").textContent = `${step} / ${steps()}`;
    const [back, next] = tour().querySelectorAll("[data-tour-step]");
    const isLast = step === steps();
    if (isLast && document.activeElement === next) tour().querySelector("[data-tour-end]").focus();
    if (step === 1 && document.activeElement === back) next.focus();
    back.hidden = step === 1;
    next.hidden = isLast;
  };
  const start = () => {
    if (!tour() || tour().dataset.step) return;
    go(1);
    tour().focus({ preventScroll: true });
  };
  const leave = () => {
    tour().hidden = true; // at once, whenever the server hears of it
    const place = before?.isConnected ? before : document.querySelector(".draft-card[data-draft]");
    place?.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tour-step]");
    if (button) go(Number(tour().dataset.step) + Number(button.dataset.tourStep));
    if (event.target.closest('[hx-target="#tour-slot"]')) {
      before = document.querySelector("[data-open-keys]") ?? event.target;
    }
  });
  document.addEventListener("keydown", (event) => {
    const isElsewhere = document.querySelector(".reject-form, [data-edit], dialog[open], :popover-open");
    if (event.key !== "Escape" || event.isComposing || !tour() || tour().hidden || isElsewhere) return;
    const form = tour().querySelector("form");
    window.htmx.process(form); // a key may be faster than its binding
    form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.closest("#tour")) leave();
  });
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "tour-slot") start();
  });
})();
