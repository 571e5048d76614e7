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
    for (const mark of document.querySelectorAll("[data-live]")) {
      mark.dataset.state = state;
      mark.textContent = mark.dataset[`live${state === "on" ? "On" : "Off"}`];
    }
  };
  document.addEventListener("htmx:wsOpen", () => showLive("on"));
  document.addEventListener("htmx:wsClose", () => showLive("off"));

  // A socket's message is an event for the page: it fetches what it shows, in its own language.
  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    event.preventDefault();
    const heard = JSON.parse(event.detail.message);
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
    fragment.firstElementChild.append(...target.querySelectorAll('.toast[data-level="error"]'));
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
