// What the pages do beyond HTML; every page works without it.
"use strict";

(() => {
  // A page that comes back with errors starts at their summary.
  document.querySelector(".error-summary")?.focus();

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
    swapped.querySelector("h1")?.focus();
  });
})();
