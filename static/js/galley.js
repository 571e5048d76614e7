// What every page needs: the theme switch, the live mark, and toasts that leave.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("galley-theme", root.dataset.theme);
  });

  let live = "off";
  const showLive = (state) => {
    live = state;
    const words = { on: "liveOn", late: "liveLate", off: "liveOff" }[state];
    for (const mark of document.querySelectorAll("[data-live]")) {
      mark.dataset.state = state;
      mark.textContent = mark.dataset[words];
    }
  };
  // A line may look open and carry nothing: the page asks now and then, and hears that it does.
  const ASK_MS = 20000;
  let line = null;
  let isAnswered = true;
  const hear = () => {
    isAnswered = true;
    if (live === "late") showLive("on");
  };
  document.addEventListener("htmx:wsOpen", (event) => {
    line = event.detail.socketWrapper;
    hear();
    showLive("on");
  });
  document.addEventListener("htmx:wsClose", () => {
    line = null;
    showLive("off");
  });
  setInterval(() => {
    if (!line) return;
    if (!isAnswered) showLive("late");
    isAnswered = false;
    line.sendImmediately(JSON.stringify({ type: "ping" }));
  }, ASK_MS);

  // A socket's message is an event for the page: it fetches what it shows, in its own language.
  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    event.preventDefault();
    const heard = JSON.parse(event.detail.message);
    hear();
    document.body.dispatchEvent(new CustomEvent(`galley:${heard.type}`, { bubbles: true, detail: heard }));
  });

  // What a person unfolded stays unfolded when it is fetched anew.
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].map((part) => part.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    unfolded = [];
  });

  // What went wrong stays until somebody has read it, whatever is said after it.
  const dismiss = () => {
    for (const toast of document.querySelectorAll('.messages .toast:not([data-level="error"])')) {
      setTimeout(() => toast.remove(), 6000);
    }
  };
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id !== "messages") return;
    fragment.append(...target.querySelectorAll('.toast[data-level="error"]'));
  });
  const complaint = () => document.getElementById("complaint");
  const complain = (words) => {
    const toast = complaint().content.firstElementChild.cloneNode(true);
    toast.querySelector("p").textContent = words;
    document.getElementById("messages").append(toast);
  };
  document.addEventListener("galley:complain", (event) => complain(event.detail));

  // What a person asked for and did not get is said; what the page asks for by itself it asks again.
  const isAsked = ({ requestConfig }) =>
    ["click", "submit", "change"].includes(requestConfig.triggeringEvent?.type);
  const reasons = { 0: "offline", 403: "refused", 404: "gone" };
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, ({ detail }) => {
      if (isAsked(detail)) complain(complaint().dataset[reasons[detail.xhr.status] ?? "broken"]);
    });
  }
  // Who is signed out gets the sign-in as a page, never as a part of one, and comes back here.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { pathname } = new URL(event.detail.xhr.responseURL);
    if (!pathname.startsWith("/accounts/login/")) return;
    event.detail.shouldSwap = false;
    const here = encodeURIComponent(location.pathname + location.search);
    if (isAsked(event.detail)) location.assign(`${pathname}?next=${here}`);
  });

  // What takes longer than a blink is marked as on its way: the theme draws it.
  const waits = new WeakMap();
  document.addEventListener("htmx:beforeSend", ({ detail: { target, xhr } }) => {
    waits.set(xhr, setTimeout(() => target.setAttribute("aria-busy", "true"), 200));
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { target, xhr } }) => {
    clearTimeout(waits.get(xhr));
    target.removeAttribute("aria-busy");
  });

  document.addEventListener("click", (event) => {
    event.target.closest("[data-close]")?.closest(".toast").remove();
  });
  document.addEventListener("DOMContentLoaded", dismiss);
  document.addEventListener("htmx:afterSettle", () => {
    dismiss();
    showLive(live);
  });
})();
