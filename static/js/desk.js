// The desk's keys, the text that is being typed, and what other editors do.
(() => {
  "use strict";

  const desk = () => document.getElementById("desk");
  // What takes letters and digits for itself; a box to tick and a dot to choose take none.
  const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog[open]";
  const isTyped = (event) =>
    event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(FIELDS);
  // Who is asked why answers that: a letter there is a slip, and decides nothing.
  const busy = (event) => isTyped(event) || event.target.closest(".reject-form");
  // htmx binds what it swapped in a moment later; a key that is faster must not load a page.
  const bound = (element) => {
    window.htmx.process(element.closest("form") ?? element);
    return element;
  };
  const press = (selector) => {
    const element = document.querySelector(selector);
    if (element?.checkVisibility()) bound(element).click(); // what is put away has no key
  };

  // The rows stay while drafts come and go; the one of the draft that is open is marked.
  const current = () => document.querySelector(".draft-card")?.dataset.draft ?? "";
  const markRow = () => {
    for (const row of document.querySelectorAll('[id^="row-"]')) {
      const isCurrent = row.id === `row-${current()}`;
      row.toggleAttribute("data-current", isCurrent);
      const link = row.querySelector("a");
      if (isCurrent) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  // An answer names the row that leaves; one that was never loaded has nothing to leave.
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.target.id !== "queue-count") return;
    document.getElementById(`row-${event.target.dataset.gone}`)?.remove();
  });

  // What is open and asks for words or a choice: it is not taken away, and keeps the focus.
  const isAsking = () => document.querySelector("[data-edit], .reject-form") !== null;
  const toDraft = () => document.querySelector(".draft-card")?.focus({ preventScroll: true });
  // Who leaves a form is back where they were: on the button that opened it, or on the draft.
  let opener = ""; // that button's data-key
  const remember = () => {
    opener = document.activeElement.dataset.key ?? "";
  };
  const goBack = () => {
    const button = opener && document.querySelector(`[data-key="${opener}"]`);
    opener = "";
    if (button) button.focus({ preventScroll: true });
    else toDraft();
  };
  let leaving = false;
  // Where the page scrolls and not its columns, the next draft is read from its beginning too.
  const toTop = () => {
    const card = document.querySelector(".draft-card");
    if (card?.getBoundingClientRect().top < 0) card.scrollIntoView({ block: "start" });
  };
  const shown = () => {
    markRow();
    toTop();
    document.querySelector("[popover]:popover-open")?.hidePopover();
    const isChoosing = document.activeElement.matches("[role=search] select"); // a filter, by keys
    if (leaving) goBack();
    else if (!isChoosing && !isAsking()) toDraft();
    leaving = false;
    showArrived();
    look();
  };
  document.addEventListener("galley:shown", shown);

  // How the draft looks where it goes: what was chosen for one draft holds for the next ----------
  let isWished = false; // just now: then it is scrolled to
  const places = () => [...document.querySelectorAll(".previews input")];
  const choose = (radio) => {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const look = () => {
    const chosen = localStorage.getItem("galley-preview");
    const radio = places().find((each) => each.value === chosen);
    if (chosen && radio && !radio.checked) choose(bound(radio));
  };
  const lookNext = () => {
    const at = places().findIndex((each) => each.checked);
    if (at < 0) return;
    isWished = true;
    choose(bound(places()[(at + 1) % places().length]));
  };
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".previews input")) return;
    isWished ||= event.isTrusted;
    localStorage.setItem("galley-preview", event.target.value);
  });
  // An answer that was overtaken shows nothing: another place was chosen meanwhile.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "preview") return;
    const chosen = places().find((each) => each.checked);
    if (chosen && event.detail.requestConfig.parameters.place !== chosen.value) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "preview") return;
    if (isWished) document.getElementById("preview").scrollIntoView({ block: "nearest" });
    isWished = false;
  });

  // Keys ------------------------------------------------------------------------------------
  const step = (by) => {
    const rows = [...document.querySelectorAll('[id^="row-"]')];
    const at = rows.findIndex((row) => row.hasAttribute("data-current"));
    rows[at + by]?.querySelector("a")?.click();
  };
  const keys = {
    a: () => press('[data-key="a"]'),
    e: () => press('[data-key="e"]'),
    r: () => press('[data-key="r"]'),
    s: () => press('[data-key="s"]'),
    u: () => press('[data-key="u"]'),
    x: () => document.querySelector('[id^="row-"][data-current] > input')?.click(),
    j: () => step(1),
    k: () => step(-1),
    p: lookNext,
    d: () => document.querySelector("#live-diff summary")?.click(),
    c: () => document.getElementById("id_comment")?.focus(),
    h: () => press("[data-heat-switch]"),
    "/": () => document.getElementById("q")?.focus(),
    "?": () => openKeys(),
  };

  // With a finger two gestures reject or put off, as two keys do: what asks, and the answer.
  const forget = () => {
    const asking = document.querySelector(".reject-form");
    const isLate = !asking.querySelector("[data-decided]").hidden;
    asking.remove();
    goBack();
    if (isLate) fetchCard();
  };
  document.addEventListener("click", (event) => {
    const label = event.pointerType === "touch" && event.target.closest("[data-ask] label");
    const choice = label && label.querySelector("[data-choice]");
    if (!choice && !event.target.closest("[data-ask-cancel]")) return;
    event.preventDefault();
    if (!choice) return forget();
    choice.checked = true;
    bound(choice.form).requestSubmit();
  });

  // Which key does what is the editor's own, and kept in the browser; all may be switched off.
  const usual = Object.keys(keys);
  const settings = () => JSON.parse(localStorage.getItem("galley-keys") ?? '{"on": true, "of": {}}');
  // Swipes ask here whether they may, and do what the keys do.
  document.addEventListener("galley:swipe", (event) => {
    if (settings().swipe === false) event.preventDefault();
    else if (event.detail) keys[event.detail]();
  });
  const keyOf = (action) => settings().of[action] ?? action;
  const showKeys = () => {
    document.documentElement.classList.toggle("keys-off", !settings().on);
    for (const shown of document.querySelectorAll("[data-shows-key]")) {
      shown.textContent = keyOf(shown.dataset.showsKey).toUpperCase();
    }
  };
  const keysForm = () => document.getElementById("keys-form");
  const fillKeys = (of, on, swipe) => {
    for (const action of usual) keysForm().elements[action].value = of(action);
    keysForm().elements.on.checked = on;
    keysForm().elements.swipe.checked = swipe;
    keysForm().querySelector("[data-problem]").hidden = true;
  };
  let wish = null; // for a part of the page that has not arrived yet
  const openKeys = () => {
    if (!keysForm()) {
      wish = openKeys;
      return;
    }
    fillKeys(keyOf, settings().on, settings().swipe !== false);
    document.getElementById("keys").showModal();
  };
  document.addEventListener("htmx:afterSwap", () => {
    if (!wish || !keysForm()) return;
    const act = wish;
    wish = null;
    act();
  });
  document.addEventListener("click", (event) => {
    const hint = event.target.closest(".hint");
    if (hint && !document.getElementById(hint.getAttribute("popovertarget"))) wish = () => hint.click();
    if (event.target.closest("[data-open-keys]")) openKeys();
    if (event.target.closest("[data-close-keys]")) document.getElementById("keys").close();
    if (event.target.closest("[data-usual-keys]")) fillKeys((action) => action, true, true);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "keys-form") return;
    const of = Object.fromEntries(
      usual.map((action) => [action, keysForm().elements[action].value.toLowerCase()]),
    );
    const chosen = Object.values(of);
    const isFine = chosen.every((key) => /^[^\d\s]$/.test(key)) && new Set(chosen).size === chosen.length;
    keysForm().querySelector("[data-problem]").hidden = isFine;
    if (!isFine) {
      event.preventDefault();
      return;
    }
    const { on, swipe } = keysForm().elements;
    localStorage.setItem("galley-keys", JSON.stringify({ on: on.checked, swipe: swipe.checked, of }));
    showKeys();
  });
  for (const name of ["DOMContentLoaded", "htmx:afterSettle", "galley:shown"]) {
    document.addEventListener(name, showKeys);
  }
  // A page that comes while somebody types takes their field away: what they go on typing then is
  // no decision, until they pause, or unless they sent or left it themselves.
  const PAUSE = 1000; // ms
  let typing = null; // the field, and when a key was last pressed for it
  const leaveField = () => {
    typing = null;
  };
  document.addEventListener("submit", leaveField, { capture: true });
  const isForLostField = (event) => {
    const field = event.target.closest("textarea, input:not([type=radio], [type=checkbox])");
    if (field) typing = { field, at: event.timeStamp };
    if (field || !typing || typing.field.isConnected || event.timeStamp - typing.at > PAUSE) return false;
    typing.at = event.timeStamp;
    return true;
  };
  // Ctrl and Z, where there is no typing to take back.
  const isUndo = (event) =>
    event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey &&
    !event.target.closest(FIELDS);
  document.addEventListener("keydown", (event) => {
    if (isForLostField(event)) return;
    const editing = document.querySelector("[data-edit]");
    if (editing && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      bound(editing).requestSubmit();
      return;
    }
    if (event.key === "Escape" && !event.isComposing) {
      leaveField();
      if (document.querySelector("[popover]:popover-open")) return; // which closes itself
      if (document.querySelector(".reject-form")) forget();
      else press("[data-edit-cancel]");
      if (event.target.matches("#q, select")) toDraft();
      return;
    }
    const asking = document.querySelector(".reject-form");
    // Where keys are switched off these are the form's own: heard within it, and a digit only chooses.
    const isHeard = asking && !isTyped(event) && (settings().on || asking.contains(event.target));
    if (isHeard && /^[1-9]$/.test(event.key)) {
      const choice = asking.querySelectorAll("[data-choice]")[Number(event.key) - 1];
      if (choice) {
        event.preventDefault();
        choice.checked = true;
        if (settings().on) bound(asking).requestSubmit();
      }
      return;
    }
    if (isHeard && /^[-+=]$/.test(event.key)) {
      const grades = [...asking.querySelectorAll("input[name=severity]")];
      const at = grades.findIndex((grade) => grade.checked) + (event.key === "-" ? -1 : 1);
      if (grades[at]) grades[at].checked = true;
      return;
    }
    if (settings().on && isUndo(event)) {
      event.preventDefault();
      keys.u();
      return;
    }
    const action = settings().on && usual.find((name) => keyOf(name) === event.key.toLowerCase());
    if (busy(event) || !action) return;
    if (action === "a" && event.shiftKey && chosen.size) {
      event.preventDefault();
      press("#bulk [value=approve]");
      return;
    }
    event.preventDefault();
    keys[action]();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-edit-cancel]")) leaving = true;
    if (!event.target.closest(".skip") || !current()) return;
    event.preventDefault();
    toDraft();
  });
  document.addEventListener("click", (event) => {
    const heat = event.target.closest("[data-heat-switch]");
    if (!heat) return;
    const off = document.documentElement.classList.toggle("heat-off");
    heat.setAttribute("aria-pressed", String(!off));
  });

  // A phrase and the fact that it tells, or the comment on it, light up together, under the pointer and with focus ------
  const factOf = (claim) => {
    const fact = document.getElementById(`fact-${claim.dataset.letter}`);
    return fact && `${fact.querySelector("dt:not(.visually-hidden)").textContent}: ${fact.lastElementChild.textContent}`;
  };
  const light = (event, lit) => {
    const within = (element) => element?.closest?.("[data-letter]");
    for (let at = within(event.target); at; at = within(at.parentElement)) {
      for (const part of document.querySelectorAll(`[data-letter="${at.dataset.letter}"]`)) {
        part.toggleAttribute("data-lit", lit);
        const told = lit && part.matches(".claim") && factOf(part);
        if (told) part.dataset.fact = told;
      }
    }
  };
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => light(event, true));
  }
  for (const name of ["pointerout", "focusout"]) {
    document.addEventListener(name, (event) => light(event, false));
  }

  // What an editor marks in the copy is where the fault is, or what a comment is about -------------
  let marked = { spans: [], words: "" };
  const placeOf = (copy, node, offset) => {
    const before = document.createRange();
    before.setStart(copy, 0);
    before.setEnd(node, offset);
    const text = before.cloneContents();
    for (const letter of text.querySelectorAll("sup")) letter.remove();
    return [...text.textContent].length;
  };
  const noteMarked = () => {
    const selection = getSelection();
    const copy = document.querySelector(".draft-card__text");
    if (!copy || !selection.rangeCount || document.querySelector(".reject-form")) return;
    const range = selection.getRangeAt(0);
    if (!copy.contains(range.commonAncestorContainer)) return;
    const start = placeOf(copy, range.startContainer, range.startOffset);
    const end = placeOf(copy, range.endContainer, range.endOffset);
    marked = start < end ? { spans: [[start, end]], words: selection.toString() } : { spans: [], words: "" };
    document.dispatchEvent(new CustomEvent("galley:marked", { detail: marked }));
  };
  document.addEventListener("selectionchange", noteMarked);
  document.addEventListener("keydown", noteMarked, { capture: true }); // a key may be faster than that

  const isWork = (target) => target?.id === "desk" || target?.id === "work";

  // What is being typed is kept until the server has it ---------------------------------------
  const kept = (draft) => `galley-draft-${draft}`;
  const count = (field) => {
    const place = field.form.querySelector("[data-count]");
    if (place) place.textContent = [...field.value].length;
  };
  // A note is kept for its form: why a draft is rejected is not what it is put off for.
  const keptNote = (path) => `galley-note-${path.split("?")[0]}`;
  const keepNote = (field) => {
    const name = keptNote(field.form.getAttribute("action"));
    if (field.value) localStorage.setItem(name, field.value);
    else localStorage.removeItem(name);
  };
  const notesOf = (draft) => ["reject", "defer"].map((verb) => keptNote(`/review/drafts/${draft}/${verb}/`));
  const typed = (field) => {
    localStorage.setItem(kept(field.form.dataset.edit), field.value);
    count(field);
    field.dispatchEvent(new CustomEvent("galley:typed", { bubbles: true }));
  };
  document.addEventListener("input", (event) => {
    if (event.target.id === "id_text" && !event.isComposing) typed(event.target);
    if (event.target.id === "id_note" && !event.isComposing) keepNote(event.target);
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target.id === "id_text") typed(event.target);
    if (event.target.id === "id_note") keepNote(event.target);
  });
  const opened = () => {
    const form = document.querySelector("[data-edit]");
    if (form && !form.dataset.opened) {
      form.dataset.opened = "yes";
      const { text: field } = bound(form).elements;
      // Another candidate that was chosen just now replaces what was typed before.
      const isChosen = "chosen" in form.dataset;
      if (isChosen) localStorage.setItem(kept(form.dataset.edit), field.value);
      const before = localStorage.getItem(kept(form.dataset.edit)) ?? field.value;
      if (isChosen || before !== field.value) {
        field.value = before;
        field.dispatchEvent(new CustomEvent("galley:typed", { bubbles: true }));
      }
      count(field);
      remember();
      field.focus();
    }
    const asking = document.querySelector(".reject-form:not([data-opened])");
    if (!asking) return;
    asking.dataset.opened = "yes";
    const { note } = asking.elements;
    if (note.value) keepNote(note); // it was refused
    else note.value = localStorage.getItem(keptNote(asking.getAttribute("action"))) ?? "";
    if (!asking.contains(document.activeElement)) remember();
    (asking.querySelector("[data-choice]:checked") ?? asking.querySelector("[data-choice]")).focus();
    if (asking.elements.spans && marked.words && !asking.elements.spans.value) {
      asking.elements.spans.value = JSON.stringify(marked.spans);
      asking.querySelector("[data-marked]").hidden = false;
      asking.querySelector("[data-marked] q").textContent = marked.words;
    }
  };
  // Why not, and until when, is asked without a request: both forms are at hand once the help is
  // there. So a draft can be rejected while there is no connection, too.
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // a UUID is made for safe origins only
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const ask = (link, blank) => {
    const form = document.importNode(blank.content, true).querySelector("form");
    const path = link.getAttribute("href");
    const { dataset, elements } = link.closest("form");
    form.setAttribute("action", path);
    form.setAttribute("hx-post", path);
    form.dataset.decide = dataset.decide;
    form.elements.key.value = newKey();
    form.elements.version.value = elements.version.value;
    const back = `/review/drafts/${dataset.decide}/?${desk().dataset.filters}`;
    form.querySelector("[data-ask-cancel]").setAttribute("href", back);
    document.getElementById("reject-slot").replaceChildren(form);
    window.htmx.process(form);
    opened();
  };
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest('[data-key="r"], [data-key="s"]');
      const blank = link && document.getElementById(`ask-${link.dataset.key}`);
      if (!blank || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation(); // or htmx would fetch one
      ask(link, blank);
    },
    { capture: true },
  );
  // What was not sent, a text or a note, stands beside what somebody else decided meanwhile.
  const compare = () => {
    const status = document.querySelector(".draft-card[data-draft]")?.dataset.status;
    if (!status || ["proposed", "second", "deferred"].includes(status)) return;
    const path = `/review/drafts/${current()}/compare/?${desk().dataset.filters}`;
    const text = localStorage.getItem(kept(current()));
    if (text && !document.querySelector("[data-edit], .conflict")) {
      window.htmx.ajax("POST", path, { target: "#draft-body", swap: "outerHTML", values: { text } });
    }
    const note = notesOf(current()).map((name) => localStorage.getItem(name)).filter(Boolean).join(" · ");
    if (note && !document.querySelector("[data-unsent-note]")) {
      const sheet = ".draft-card__sheet"; // asks for itself: of one that asks twice htmx may drop one
      window.htmx.ajax("POST", path, { source: sheet, target: sheet, swap: "beforebegin", values: { note } });
    }
  };
  document.addEventListener("DOMContentLoaded", compare);
  document.addEventListener("galley:shown", compare);
  document.addEventListener("click", (event) => {
    const forgotten = event.target.closest("[data-forget]");
    if (!forgotten) return;
    const { forget: draft } = forgotten.dataset;
    for (const name of [kept(draft), ...notesOf(draft)]) localStorage.removeItem(name);
  });
  document.addEventListener("galley:decision-arrived", ({ detail: { draft, edits, path } }) => {
    localStorage.removeItem(edits ? kept(draft) : keptNote(path));
  });
  document.addEventListener("htmx:afterSwap", opened);
  document.addEventListener("DOMContentLoaded", opened);
  document.addEventListener("DOMContentLoaded", () => look());
  // What was asked for is there; not `afterRequest`, which a link that is gone meanwhile never tells.
  document.addEventListener("htmx:afterSwap", (event) => {
    const { requestConfig, successful } = event.detail;
    if (requestConfig && successful && isWork(event.target)) {
      document.dispatchEvent(new CustomEvent("galley:shown", { detail: "fetched" }));
    }
  });

  // The seconds an editor works on a draft; a pause counts for at most a minute ----------------
  let worked = 0;
  let last = Date.now();
  const work = () => {
    const now = Date.now();
    worked += Math.min(now - last, 60000) / 1000;
    last = now;
  };
  for (const name of ["keydown", "pointermove", "scroll"]) {
    document.addEventListener(name, work, { passive: true, capture: true });
  }
  let since = new Date();
  document.addEventListener("htmx:configRequest", (event) => {
    if (!("active_seconds" in event.detail.parameters)) return;
    work();
    event.detail.parameters.active_seconds = worked.toFixed(1);
    event.detail.parameters.shown_at = since.toISOString();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isWork(event.detail.target)) return;
    worked = 0;
    since = new Date();
    marked = { spans: [], words: "" };
  });

  // Drafts that are marked, to decide many at once: also those whose rows are not on the screen ------
  const chosen = new Set();
  let lastMark = null;
  const marks = () => [...document.querySelectorAll('[id^="row-"] > input')];
  const showMarks = () => {
    const bar = document.getElementById("bulk");
    if (!bar) return;
    for (const mark of marks()) mark.checked = chosen.has(mark.value);
    const { size } = chosen;
    bar.toggleAttribute("data-marked", size > 0);
    bar.querySelector("[data-count]").textContent =
      size === 1 ? bar.dataset.one : bar.dataset.many.replace("%d", size);
    bar.querySelector("[data-elsewhere]").value = [...chosen].join(",");
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-unmark]")) {
      chosen.clear();
      document.querySelector("#bulk [name=all]").checked = false;
      showMarks();
    }
    const mark = event.target.closest('[id^="row-"] > input');
    if (!mark) return;
    const all = marks();
    const from = event.shiftKey && all.includes(lastMark) ? all.indexOf(lastMark) : all.indexOf(mark);
    const to = all.indexOf(mark);
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      if (mark.checked) chosen.add(one.value);
      else chosen.delete(one.value);
    }
    lastMark = mark;
    showMarks();
  });
  document.addEventListener("htmx:afterSettle", showMarks);
  document.addEventListener("galley:drafts-decided", (event) => {
    for (const id of event.detail.drafts) chosen.delete(String(id));
    showMarks();
  });

  // Other editors, and the writer --------------------------------------------------------------
  // Each part of the page waits for its own answers only: asked for by nobody, they would queue.
  const fetchInto = (target, path, swap = "outerHTML") =>
    window.htmx.ajax("GET", path, { source: target, target, swap });
  const address = () => `/review/?${desk().dataset.filters}`;
  const fetchCard = () => fetchInto("#work", `/review/drafts/${current()}/?${desk().dataset.filters}`);
  // Those that "More" brought stay.
  const allRows = () => `&rows=${document.querySelectorAll('[id^="row-"]').length}`;
  const fetchRows = (which = allRows(), swap = "innerHTML") => {
    const query = `${desk().dataset.filters}&current=${current()}${which}`;
    fetchInto("#queue-rows", `/review/rows/?${query}`, swap);
  };
  // A form that is open stays: its text is compared with the decision when it is sent, and what asks
  // why or until when says that it comes late. So does a comment that is being typed.
  const isWriting = () => isAsking() || document.querySelector(".comment-form:focus-within") !== null;
  // Hold what is open, or hear that it is decided, or that somebody else has it or has it no more. It
  // is morphed, so that what is asked while it is asked is asked then: of what is gone nobody asks.
  const askClaim = () => {
    const claim = document.getElementById("draft-claim");
    if (claim && !claim.contains(document.activeElement)) window.htmx.trigger(claim, "galley:ask");
  };
  // Own decisions bring the numbers with their answers; those of others are asked for, at most once
  // a second.
  const own = new Set();
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.matches("form[data-decide]")) own.add(Number(elt.dataset.decide));
  });
  let countsAsked = false;
  const askCounts = () => {
    if (countsAsked) return;
    countsAsked = true;
    setTimeout(() => {
      countsAsked = false;
      fetchInto("#queue-count", `/review/counts/?${desk().dataset.filters}`, "none");
    }, 1000);
  };
  document.addEventListener("galley:drafts-decided", (event) => {
    const others = event.detail.drafts.filter((id) => !own.has(id));
    for (const id of event.detail.drafts) own.delete(id); // once: it may come back to the queue
    if (others.length) askCounts();
  });
  document.addEventListener("galley:drafts-ready", askCounts);
  const clearArrived = () => {
    const news = document.getElementById("queue-news");
    delete news.dataset.count;
    news.textContent = "";
  };
  // Drafts that arrived are listed when asked for, or when the queue goes on to one of them.
  function showArrived() {
    const waits = document.getElementById("queue-news")?.dataset.count;
    if (!waits || !current() || document.getElementById(`row-${current()}`)) return;
    clearArrived();
    fetchRows();
  }
  const arrived = (number) => {
    if (!document.querySelector('[id^="row-"]')) {
      fetchInto("#desk", address());
      return;
    }
    const news = document.getElementById("queue-news");
    const total = Number(news.dataset.count || 0) + number;
    news.dataset.count = total;
    news.textContent = total === 1 ? news.dataset.one : news.dataset.many.replace("%d", total);
  };
  document.addEventListener("galley:drafts-ready", (event) => arrived(event.detail.drafts.length));
  document.addEventListener("galley:drafts-decided", (event) => {
    for (const id of event.detail.drafts) {
      document.getElementById(`row-${id}`)?.setAttribute("data-status", "decided");
    }
    const card = document.querySelector(".draft-card[data-draft]:not([data-deciding])");
    if (!card || !["proposed", "second"].includes(card.dataset.status)) return;
    if (!event.detail.drafts.includes(Number(card.dataset.draft))) return;
    document.querySelector(".reject-form [data-decided]")?.removeAttribute("hidden");
    if (isWriting()) askClaim(); // and read above what is typed that it is decided
    else if (!document.querySelector(".htmx-request:not(#queue-count, #queue-rows)")) fetchCard();
  });
  // Who has what open changes often: rows are asked for once a second at most, and only those.
  let asked = new Set();
  const askRows = (ids) => {
    if (!asked.size) {
      setTimeout(() => {
        const only = [...asked].filter((id) => document.getElementById(`row-${id}`)).join(",");
        asked = new Set();
        if (only) fetchRows(`&only=${only}`, "none"); // a row may be gone by now, with its draft
      }, 1000);
    }
    for (const id of ids) asked.add(id);
  };
  // What others do may be news of a draft that is on its way to the screen.
  const heldMeanwhile = new Set();
  document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => {
    if (isWork(target)) heldMeanwhile.clear();
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (isWork(target) && heldMeanwhile.delete(Number(current()))) askClaim();
  });
  document.addEventListener("galley:drafts-held", (event) => {
    const isMine = String(event.detail.editor) === desk().dataset.editor;
    for (const id of isMine ? [] : event.detail.drafts) heldMeanwhile.add(id);
    if (event.detail.drafts.includes(Number(current()))) askClaim();
    askRows(event.detail.drafts);
  });
  document.addEventListener("galley:draft-commented", (event) => {
    const id = event.detail.draft;
    if (String(id) === current()) window.htmx.trigger("#comment-list", "galley:ask");
    askRows([id]);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id === "queue-news") clearArrived();
  });

  // Pushes that were missed while the line was down --------------------------------------------
  const refetch = () => {
    if (!document.querySelector('[id^="row-"]') && !isWriting()) {
      fetchInto("#desk", address());
      return;
    }
    fetchRows();
    askCounts();
    askClaim();
  };
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) refetch(); // it was put away, and hears of nothing meanwhile
  });
  document.addEventListener("galley:row-back", () => fetchRows());
  let opened_before = false;
  document.addEventListener("htmx:wsOpen", () => {
    if (opened_before) refetch();
    opened_before = true;
  });
  setInterval(() => {
    if (document.querySelector('[data-live]:not([data-state="on"])')) refetch();
    else if (document.querySelector("#draft-claim[role]")) askClaim(); // a page that died tells nobody
  }, 20000);
})();
