// What the pages do beyond HTML; every page works without it.
"use strict";

(() => {
  // A page that comes back with errors starts at their summary, where autofocus does not see to it.
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector(".error-summary")?.focus();
  });

  // A double click sends a form once. The page that comes back from the history starts afresh.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  const live = document.getElementById("live");

  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
  });

  // After a swap a screen reader hears what is new, and if the page around has changed, reading
  // goes on at its heading.
  document.addEventListener("htmx:afterSwap", (event) => {
    const swapped = document.getElementById(event.detail.target.id) ?? event.detail.target;
    const news = swapped.dataset.announce ?? "";
    if (live && live.textContent !== news) live.textContent = news;
    // The page stays where the reader has scrolled to.
    swapped.querySelector("h1")?.focus({ preventScroll: true });
  });

  // A task's page keeps what is typed every 20 seconds and when it is left, and says that it is
  // open. Files stay where they are.
  const form = document.querySelector("form[data-draft]");
  if (form) {
    const saved = document.getElementById("draft-saved");
    const others = document.getElementById("others-here");
    let typed = false;
    let submitted = false;

    const tell = async (leaving) => {
      if (submitted) return;
      const data = new FormData(form);
      for (const [name, value] of [...data]) {
        if (value instanceof File || (!typed && name.startsWith("f-"))) data.delete(name);
      }
      if (leaving) data.set("gone", "1");
      const hadTyped = typed;
      typed = false;
      try {
        const answer = await fetch(form.dataset.draft, {
          method: "POST",
          body: data,
          headers: { Accept: "application/json" },
          keepalive: leaving,
          redirect: "error",
        });
        if (!answer.ok) throw new Error(answer.statusText);
        const said = await answer.json();
        if (said.saved) saved.textContent = said.saved;
        if (others.textContent !== said.others) others.textContent = said.others;
      } catch {
        // Tried again with the next round.
        typed ||= hadTyped;
      }
    };

    form.addEventListener("input", () => { typed = true; });
    document.addEventListener("submit", () => { submitted = true; });
    window.addEventListener("pageshow", () => { submitted = false; tell(false); });
    window.addEventListener("pagehide", () => tell(true));
    // A phone may end a hidden page without another word.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && typed) tell(false);
    });
    setInterval(() => { if (!document.hidden || typed) tell(false); }, 20_000);
  }

  // Two minutes before a session ends a line says so. Another tab may have kept it, so the server
  // is asked before; asking keeps nothing.
  const session = document.getElementById("session");
  if (session) {
    const stay = session.querySelector("form");
    const ending = session.querySelector(".ending");
    const ended = session.querySelector(".ended");
    const WARNING = 120;
    let timer;

    const show = (sentence) => {
      for (const each of [ending, ended]) each.hidden = each !== sentence;
      stay.hidden = sentence !== ending;
      if (session.hidden || live.textContent !== sentence.textContent) {
        session.hidden = false;
        live.textContent = sentence.textContent;
      }
    };
    const follow = (seconds) => {
      clearTimeout(timer);
      if (seconds > WARNING) {
        session.hidden = true;
        timer = setTimeout(ask, (seconds - WARNING) * 1000);
      } else {
        show(ending);
        timer = setTimeout(ask, Math.max(1, seconds + 1) * 1000);
      }
    };
    const ask = async (more) => {
      try {
        const answer = await fetch(stay.action, {
          headers: { Accept: "application/json" },
          redirect: "manual",
          ...more,
        });
        if (answer.type === "opaqueredirect") show(ended);
        else if (answer.ok) follow((await answer.json()).seconds);
      } catch {
        // No network: nothing can be said, and nothing is lost.
        timer = setTimeout(ask, 30_000);
      }
    };
    stay.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      ask({ method: "POST", body: new FormData(stay) });
    });
    follow(Number(session.dataset.seconds));
    window.addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
  }
})();
