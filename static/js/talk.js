// Comments: what is typed is kept, a marked place goes with it, and @ offers names.
(() => {
  "use strict";

  const field = () => document.getElementById("id_comment");
  const isField = (event) => event.target.id === "id_comment";
  const form = () => document.getElementById("comment-form");

  const nowhere = { spans: [], words: "" };
  let marked = nowhere;

  // What is typed, and the key that it is sent under, are kept until the server has them ---------
  const kept = () => `galley-comment-${form().dataset.comment}`;
  const keep = () => {
    if (!field().value) localStorage.removeItem(kept());
    else localStorage.setItem(kept(), JSON.stringify({ text: field().value, key: form().elements.key.value }));
  };
  const opened = () => {
    if (!form() || form().dataset.opened) return;
    form().dataset.opened = "yes";
    const before = JSON.parse(localStorage.getItem(kept()) ?? "null");
    if (field().value) keep(); // a comment that was refused comes back with another key
    else if (before) {
      field().value = before.text;
      form().elements.key.value = before.key;
    }
    if (form().elements.parent) field().focus();
    showPlace();
  };
  for (const name of ["DOMContentLoaded", "htmx:afterSwap", "galley:shown"]) {
    document.addEventListener(name, opened);
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    if (requestConfig?.elt.id !== "comment-form" || xhr.status !== 200) return;
    localStorage.removeItem(kept());
    marked = nowhere;
  });

  const unsent = (isUnsent) => {
    form().querySelector("[data-unsent]").hidden = !isUnsent;
  };
  for (const name of ["htmx:beforeSend", "htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (event.target.id === "comment-form") unsent(name !== "htmx:beforeSend");
    });
  }

  // A place that was marked in the copy is what the comment is about -----------------------------
  const showPlace = () => {
    const told = form().querySelector("[data-place]");
    if (!told) return; // a reply
    const { start, end } = form().elements;
    const copy = document.querySelector(".draft-card__text");
    told.hidden = !start.value || !copy;
    if (told.hidden) return;
    const text = copy.cloneNode(true);
    for (const letter of text.querySelectorAll("sup")) letter.remove();
    const letters = [...text.textContent];
    told.querySelector("q").textContent = letters.slice(start.value, end.value).join("");
  };
  const setPlace = ([start, end]) => {
    form().elements.start.value = start;
    form().elements.end.value = end;
    showPlace();
  };
  // Where the page shows the copy, it is asked for with the places that comments are about.
  document.addEventListener("htmx:configRequest", (event) => {
    const isTalk = event.target.closest("#comments") && document.getElementById("draft-text");
    if (isTalk) event.detail.parameters.copy = "yes";
  });
  document.addEventListener("galley:marked", (event) => (marked = event.detail));
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "work" || event.detail.target?.id === "desk") marked = nowhere;
  });
  document.addEventListener("focusin", (event) => {
    if (isField(event) && marked.words && form().elements.start) setPlace(marked.spans[0]);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-no-place]")) return;
    marked = nowhere;
    setPlace(["", ""]);
    field().focus();
  });

  document.addEventListener("click", (event) => {
    const proposed = event.target.closest("[data-propose]");
    if (!proposed) return;
    // After what is being written there already.
    field().value = [field().value, proposed.dataset.propose].filter(Boolean).join("\n");
    keep();
    field().focus();
    field().scrollIntoView({ block: "center" });
  });

  // Names, as one is typed -------------------------------------------------------------------------
  const list = () => document.getElementById("comment-names");
  const options = () => [...list().children];
  const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  let question = 0; // an answer that was overtaken counts for nothing
  const close = () => {
    question += 1;
    if (!list()) return;
    list().hidden = true;
    list().replaceChildren();
    field().removeAttribute("aria-activedescendant");
    form().querySelector("[data-names-said]").textContent = "";
  };
  const choose = (at) => {
    for (const [number, option] of options().entries()) {
      option.setAttribute("aria-selected", String(number === at));
    }
    field().setAttribute("aria-activedescendant", options()[at].id);
    options()[at].scrollIntoView({ block: "nearest" });
  };
  const offer = (names) => {
    list().replaceChildren(
      ...names.map((name, number) => {
        const option = document.createElement("li");
        option.id = `comment-name-${number}`;
        option.setAttribute("role", "option");
        option.textContent = name;
        return option;
      }),
    );
    list().hidden = false;
    const told = form().querySelector("[data-names-said]");
    told.textContent = `${names.join(", ")}. ${told.dataset.namesSaid}`;
    choose(0);
  };
  // What of a name stands before the caret: "" right after the @, null where there is none.
  const begun = () => {
    const before = field().value.slice(0, field().selectionStart);
    return before.match(/(?:^|[^A-Za-z0-9_.+-])[@＠]([\p{L}\p{N}_.+-]{0,30})$/u)?.[1] ?? null;
  };
  const ask = async () => {
    const beginning = begun();
    const number = ++question;
    if (beginning === null) {
      close();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 120));
    if (number !== question) return;
    let names = [];
    try {
      const answer = await fetch(`${list().dataset.from}?q=${encodeURIComponent(beginning)}`);
      if (answer.ok && !answer.redirected) ({ names } = await answer.json());
    } catch {
      names = []; // the name can be typed as well
    }
    if (number !== question || !list()) return;
    if (names.length) offer(names);
    else close();
  };
  const take = (name) => {
    const text = field();
    const from = text.selectionStart - begun().length;
    text.setRangeText(`${name} `, from, text.selectionStart, "end");
    close();
    keep();
  };
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("#comment-names [role=option]");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus
    take(option.textContent);
  });
  document.addEventListener("focusout", (event) => {
    if (isField(event)) close();
  });

  const typed = () => {
    keep();
    ask();
  };
  document.addEventListener("input", (event) => {
    if (isField(event) && !event.isComposing) typed();
  });
  document.addEventListener("compositionend", (event) => {
    if (isField(event)) typed();
  });

  // Keys in the field: seen before the desk's, which mean other things -------------------------------
  const send = () => {
    window.htmx.process(form()); // htmx binds what it swapped in a moment later
    form().requestSubmit();
  };
  const ofList = {
    ArrowDown: () => choose((chosen() + 1) % options().length),
    ArrowUp: () => choose((chosen() + options().length - 1) % options().length),
    Enter: () => take(options()[chosen()].textContent),
    Tab: () => take(options()[chosen()].textContent),
    Escape: close,
  };
  const leave = () => document.querySelector(".draft-card")?.focus({ preventScroll: true });
  document.addEventListener(
    "keydown",
    (event) => {
      if (!isField(event) || event.isComposing) return;
      const isSending = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      const isOffered = !list().hidden && !event.shiftKey && Object.hasOwn(ofList, event.key);
      let act = null;
      if (isSending) act = send;
      else if (isOffered) act = ofList[event.key];
      else if (event.key === "Escape") act = leave;
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    true,
  );

  // The button that was pressed in the list may be gone with the answer.
  document.addEventListener("htmx:afterSwap", (event) => {
    const { requestConfig } = event.detail;
    if (requestConfig?.target?.id !== "comment-list" || requestConfig.verb !== "post") return;
    if (document.activeElement === document.body) {
      document.getElementById("comment-list").focus({ preventScroll: true });
    }
  });
})();
