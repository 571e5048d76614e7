// On a touch screen the sheet follows the finger: to the right approves, to the left asks why not.
//
// It does what the keys do (`galley:swipe`), so a decision counts once and the next draft is there
// at once. Nothing can be done by a swipe alone: the buttons stay. Scrolling stays the browser's
// (`touch-action: pan-y` in the style sheet), and so do its own gestures at the edges.
(() => {
  "use strict";

  const EDGE = 24; // px, where the browser goes back and forth
  const SLOP = 10; // px, from which on a finger means something
  const SHARE = 0.35; // of the sheet's width, from which on letting go decides
  const FLICK = { px: 48, pxPerMs: 0.5, ms: 100 }; // or so fast, over the last moments

  const acts = { right: "a", left: "r" };
  const isCoarse = matchMedia("(pointer: coarse)");
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");
  let swipe = null;

  // Whether swipes are wanted; and with an act, do it.
  const ask = (act = "") =>
    document.dispatchEvent(new CustomEvent("galley:swipe", { detail: act, cancelable: true }));

  const mayBegin = (event) => {
    const sheet = event.target.closest(".draft-card__sheet");
    const isDecided = !sheet?.closest(".draft-card:not([data-deciding])");
    const isEdge = event.clientX < EDGE || event.clientX > innerWidth - EDGE;
    return (
      isCoarse.matches && document.getElementById("swipe") && event.pointerType === "touch" && event.isPrimary && !isDecided && !isEdge &&
      getSelection().isCollapsed && document.querySelector('[data-key="a"]') &&
      !document.querySelector(".reject-form, [data-edit]") &&
      !event.target.closest("input, textarea, select, [contenteditable]") && ask()
    );
  };

  const speed = () => {
    const now = swipe.at;
    const first = swipe.trail.find((each) => now - each.at < FLICK.ms);
    return first ? (swipe.dx - first.dx) / Math.max(now - first.at, 1) : 0;
  };
  const isArmed = () => {
    const far = Math.abs(swipe.dx);
    return (
      far >= SHARE * swipe.width ||
      (far >= FLICK.px && Math.sign(swipe.dx) * speed() >= FLICK.pxPerMs)
    );
  };
  const way = () => (swipe.dx < 0 ? "left" : "right");

  const show = () => {
    const box = document.getElementById("swipe");
    box.hidden = false;
    box.dataset.way = way();
    box.toggleAttribute("data-armed", isArmed());
    const { top, bottom } = swipe.sheet.getBoundingClientRect();
    box.style.top = `${(Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2}px`;
    if (!isStill.matches) swipe.sheet.style.translate = `${swipe.dx}px`;
  };
  const end = () => {
    document.getElementById("swipe").hidden = true;
    swipe.sheet.removeAttribute("data-swiping");
    swipe.sheet.style.translate = "";
    swipe = null;
  };

  document.addEventListener("pointerdown", (event) => {
    if (swipe) end(); // a second finger means something else
    else if (mayBegin(event)) {
      const sheet = event.target.closest(".draft-card__sheet");
      const { pointerId: id, clientX: x, clientY: y } = event;
      const at = event.timeStamp;
      const trail = [{ at, dx: 0 }];
      swipe = { id, x, y, sheet, width: sheet.offsetWidth, dx: 0, at, trail, isOn: false };
    }
  });
  document.addEventListener("pointermove", (event) => {
    if (event.pointerId !== swipe?.id) return;
    swipe.dx = event.clientX - swipe.x;
    swipe.at = event.timeStamp;
    swipe.trail = [...swipe.trail.slice(-20), { at: swipe.at, dx: swipe.dx }];
    if (!swipe.isOn) {
      const dy = Math.abs(event.clientY - swipe.y);
      if (dy > SLOP && dy >= Math.abs(swipe.dx)) swipe = null; // they scroll
      else if (Math.abs(swipe.dx) > SLOP) {
        swipe.isOn = true;
        swipe.sheet.setPointerCapture(swipe.id);
        swipe.sheet.setAttribute("data-swiping", "");
      }
    }
    if (swipe?.isOn) show();
  });
  document.addEventListener("pointerup", (event) => {
    if (event.pointerId !== swipe?.id) return;
    swipe.at = event.timeStamp; // a finger that rested before it let go is no flick
    const act = swipe.isOn && swipe.sheet.isConnected && isArmed() && acts[way()];
    end();
    if (act) ask(act);
  });
  document.addEventListener("pointercancel", (event) => {
    if (event.pointerId === swipe?.id) end();
  });
})();
