// Decisions leave in order, each exactly once, and nobody waits for them: the next draft is there.
//
// A decision stays in the browser until the server has answered, so neither a lost connection nor a
// closed page loses it. It has a key: sent twice, it counts once. While a page shows a draft it has
// the one that comes after it at hand (`ahead`); each answer brings another.
(() => {
  "use strict";

  const desk = () => document.getElementById("desk");
  const card = () => document.querySelector(".draft-card[data-draft]");
  const current = () => card()?.dataset.draft ?? "";
  const swap = (target, html, swapStyle) =>
    window.htmx.swap(target, html, { swapStyle, swapDelay: 0, settleDelay: 0 }, {
      eventInfo: { target, elt: target, successful: true },
    });

  // What is kept ------------------------------------------------------------------------------
  const place = () => `galley-outbox-${desk().dataset.editor}`;
  const kept = () => JSON.parse(localStorage.getItem(place()) ?? "[]");
  const unsent = (but) => kept().map((one) => one.draft).filter((draft) => draft !== but).join(",");
  const keep = (decisions) => localStorage.setItem(place(), JSON.stringify(decisions));

  let trouble = ""; // what keeps decisions from the server
  let answering = ""; // the decision whose answer will show the next draft, since there was none

  // The draft that comes next -----------------------------------------------------------------
  let ahead = null;
  let question = 0; // an answer that was overtaken counts for nothing
  // What is on the screen already, or decided and not sent yet, comes next no more.
  const take = (next) => {
    const gone = [current(), ...kept().map((one) => one.draft)];
    ahead = next && !gone.includes(String(next.draft)) ? next : null;
  };
  const ask = async () => {
    ahead = null;
    const number = ++question;
    const shown = current();
    if (!document.querySelector("[data-decide]")) return;
    try {
      const asked = `${desk().dataset.filters}&shown=${shown}&unsent=${unsent(shown)}`;
      const answer = await fetch(`/review/ahead/?${asked}`);
      if (!answer.ok || answer.redirected || number !== question || shown !== current()) return;
      take((await answer.json()).ahead);
    } catch {
      return; // a decision waits for its answer then, as it would anyhow
    }
    goOn();
  };
  const askSoon = () => (window.requestIdleCallback ?? setTimeout)(ask);

  const show = (html) => {
    swap(document.getElementById("work"), html, "outerHTML");
    document.dispatchEvent(new CustomEvent("galley:shown"));
  };
  // Show the next draft where the one on the screen is decided and need not be waited for.
  const goOn = () => {
    const here = kept().filter((one) => one.draft === current());
    if (!ahead || !here.some((one) => !one.waits && one.key !== answering)) return;
    document.getElementById(`row-${current()}`)?.setAttribute("data-status", "decided");
    const { html } = ahead;
    ahead = null;
    show(html);
    if (trouble) askSoon(); // no answer will bring the one after it
  };

  // Sending -----------------------------------------------------------------------------------
  let sending = false;
  let attempts = 0;
  let timer = 0;
  const tell = () => {
    const box = document.getElementById("outbox");
    const number = kept().length;
    box.hidden = !trouble || !number;
    if (box.hidden) return;
    const count = number === 1 ? box.dataset.one : box.dataset.many.replace("%d", number);
    box.querySelector("p").textContent = `${count} ${box.dataset[trouble]}`;
  };
  const complain = (why, decision) => {
    const words = desk().querySelector("#outbox").dataset[why].replace("%s", decision.title);
    document.dispatchEvent(new CustomEvent("galley:complain", { detail: words }));
  };

  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const post = (decision) => {
    const body = new URLSearchParams(decision.body);
    if (current() !== decision.draft) {
      body.set("shown", current());
      body.set("unsent", unsent(decision.draft));
    } else answering = decision.key;
    const headers = { "HX-Request": "true", "HX-Target": "work", "X-CSRFToken": token() };
    return fetch(decision.path, { method: "POST", body, headers, redirect: "manual" });
  };
  const hear = async (answer, decision) => {
    if (answer.headers.get("content-type").startsWith("application/json")) {
      const { news, ahead: next } = await answer.json();
      question += 1;
      take(next);
      swap(desk(), news, "none");
      if (next && !ahead) askSoon();
    } else if (current() === decision.draft) {
      const html = await answer.text();
      ahead = null; // it may be what this shows
      show(html);
      askSoon();
    } else if (!answer.ok) {
      complain("refused", decision); // another draft was opened meanwhile
    }
  };
  // A decision that the server cannot take must not hold up those behind it for ever.
  const GIVE_UP = 5;
  const fails = (decision) => {
    const times = (decision.times ?? 0) + 1;
    keep(kept().map((one) => (one.key === decision.key ? { ...one, times } : one)));
    return times;
  };
  // A refusal is of a page that somebody signed in behind, or of somebody who may not decide.
  const mayDecide = async () => {
    try {
      return (await fetch(`/review/ahead/?shown=${current()}`)).status !== 403;
    } catch {
      return true;
    }
  };
  // Send one; give what keeps it from the server, or nothing where it is settled.
  const settle = async (decision) => {
    let answer;
    try {
      answer = await post(decision);
    } catch {
      return "offline";
    }
    if (answer.type === "opaqueredirect") return "signedOut";
    if (answer.status === 403) return (await mayDecide()) ? "signedOut" : "denied";
    if (answer.status >= 500 && fails(decision) < GIVE_UP) return "offline";
    attempts = 0;
    keep(kept().filter((one) => one.key !== decision.key));
    if (answer.status >= 500) {
      complain("broken", decision); // what was typed stays where it is kept for the draft's form
      return "";
    }
    if (answer.ok) document.dispatchEvent(new CustomEvent("galley:decision-arrived", { detail: decision }));
    if (answer.ok || answer.status === 409 || answer.status === 422) await hear(answer, decision);
    else complain("gone", decision);
    return "";
  };
  const flush = async () => {
    if (sending || !kept().length) return;
    sending = true;
    clearTimeout(timer);
    trouble = "";
    try {
      while (!trouble && kept().length) {
        trouble = await settle(kept()[0]);
        answering = "";
        goOn();
      }
    } finally {
      sending = false;
      answering = "";
    }
    if (trouble) {
      keep(kept().map((one) => ({ ...one, waits: false })));
      goOn();
      if (trouble === "offline" && !ahead) askSoon(); // a server that fails at one may give another
      timer = setTimeout(flush, Math.min(500 * 2 ** attempts++, 30000));
    } else {
      document.dispatchEvent(new CustomEvent("galley:sent"));
    }
    tell();
  };

  // What is decided on this page ----------------------------------------------------------------
  const add = (form, { path, formData }) => {
    formData.delete("csrfmiddlewaretoken"); // who signs in again has another
    const decision = {
      key: formData.get("key"),
      draft: form.dataset.decide,
      title: card().querySelector("h1").textContent,
      path,
      body: new URLSearchParams(formData).toString(),
      edits: "edit" in form.dataset,
      waits: "edit" in form.dataset, // the server may have a word to say about a text
    };
    if (kept().some((one) => one.key === decision.key)) return;
    keep([...kept(), decision]);
    card().dataset.deciding = "";
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
    goOn();
    flush();
  };
  let undoes = false; // once all that was decided before it is with the server
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: form, requestConfig } = event.detail;
    if (form.matches("form[data-decide]")) {
      event.preventDefault();
      add(form, requestConfig);
    } else if (form.matches(".decision-bar__undo") && kept().length) {
      event.preventDefault();
      undoes = true;
    }
  });
  document.addEventListener("galley:sent", () => {
    if (undoes) document.querySelector(".decision-bar__undo")?.requestSubmit();
    undoes = false;
  });

  // When the next one is another one now --------------------------------------------------------
  document.addEventListener("galley:shown", (event) => {
    if (event.detail !== "fetched") return;
    tell();
    askSoon();
  });
  document.addEventListener("galley:drafts-decided", (event) => {
    if (ahead && event.detail.drafts.includes(ahead.draft)) askSoon();
  });
  document.addEventListener("galley:draft-commented", (event) => {
    if (ahead?.draft === event.detail.draft) askSoon();
  });
  document.addEventListener("galley:drafts-held", (event) => {
    const isMine = String(event.detail.editor) === desk().dataset.editor;
    if (!isMine && ahead && event.detail.drafts.includes(ahead.draft)) askSoon();
  });

  // Who leaves the page lets go of what it held, but for what is decided and not sent yet. It says
  // when it was given each: it may be heard of when the next page holds the same drafts.
  window.addEventListener("pagehide", () => {
    const decided = kept().map((one) => one.draft);
    const open = document.querySelector("[data-decide]") && card();
    const shown = [open && { draft: current(), given: open.dataset.given }, ahead];
    const held = shown.filter((one) => one && !decided.includes(String(one.draft)));
    if (!held.length) return;
    const drafts = held.map((one) => `${one.draft}@${one.given}`).join(",");
    const body = new URLSearchParams({ csrfmiddlewaretoken: token(), drafts });
    navigator.sendBeacon("/review/drafts/release/", body);
  });
  // A page that comes back as it was left holds it again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) askSoon();
  });

  window.addEventListener("online", flush);
  document.addEventListener("htmx:wsOpen", flush);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-send]")) flush();
  });
  document.addEventListener("DOMContentLoaded", () => {
    askSoon();
    flush();
  });
})();
