// What makes the back office quicker; every page works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  const POLL_MS = 2000;
  const PREVIEW_MS = 300;
  const LETTERS_TRIES = 30;

  function foldMenu() {
    const button = document.querySelector(".menu-button");
    const details = [...document.querySelectorAll(".menu details")];
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const open = button.getAttribute("aria-expanded") !== "true";
        button.setAttribute("aria-expanded", String(open));
      });
    }
    const closeOthers = (kept) => details.forEach((one) => { if (one !== kept) one.open = false; });
    details.forEach((one) => one.addEventListener("toggle", () => { if (one.open) closeOthers(one); }));
    document.addEventListener("click", (event) => { if (!event.target.closest(".menu details")) closeOthers(null); });
    document.addEventListener("keydown", (event) => {
      const open = event.key === "Escape" && details.find((one) => one.open);
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    });
  }

  async function refresh(progress) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("progression");
    if (!answer.ok || answer.redirected || !fresh) return location.reload();
    if (!fresh.hasAttribute("data-poll")) return location.reload();
    if (fresh.innerHTML !== progress.innerHTML) progress.replaceChildren(...fresh.childNodes);
    follow(progress);
  }

  function follow(progress) {
    setTimeout(() => refresh(progress).catch(() => follow(progress)), POLL_MS);
  }

  // A download leaves the page as it was: it is read again until it says that the letters are downloaded.
  async function followLetters(progress, tries) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("progression");
    if (!answer.ok || answer.redirected || !fresh) return;
    if (fresh.querySelector("form[data-letters]")?.dataset.letters !== progress.querySelector("form[data-letters]")?.dataset.letters)
      progress.replaceChildren(...fresh.childNodes);
    else if (tries > 1) setTimeout(() => followLetters(progress, tries - 1).catch(() => undefined), POLL_MS);
  }

  // One box at the head of a column of boxes ticks all of them.
  function tickAll(head) {
    const boxes = [...head.closest("table").querySelectorAll("tbody .tick input[type=checkbox]")];
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", "Tout cocher sur cette page");
    const follow = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
    boxes.forEach((box) => box.addEventListener("change", follow));
    head.replaceChildren(all);
    follow();
  }

  function countTicks(form) {
    const shown = form.querySelector(".selected-count");
    const boxes = [...form.querySelectorAll("input[name=garde]")];
    const here = boxes.filter((box) => !box.checked).length;
    const elsewhere = Number(form.dataset.unticked) - here;
    form.addEventListener("change", () => {
      const unticked = elsewhere + boxes.filter((box) => !box.checked).length;
      shown.textContent = (Number(form.dataset.total) - unticked).toLocaleString("fr-FR");
    });
  }

  // Shows what the criteria select as they are ticked; a whole level is ticked at once.
  function countCriteria(form) {
    let waiting = 0;
    let asked = 0;
    async function show() {
      const mine = ++asked;
      const answer = await fetch(`${form.dataset.count}?${new URLSearchParams(new FormData(form))}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected || mine !== asked) return;
      const { summary, divisions, levels } = await answer.json();
      form.querySelectorAll("[data-number]").forEach((one) => { one.textContent = divisions[one.dataset.number] ?? "0"; });
      form.querySelectorAll("[data-level-number]").forEach((one) => { one.textContent = levels[one.dataset.levelNumber] ?? "0"; });
      const line = form.querySelector(".summary");
      if (line) line.textContent = summary;
    }
    form.addEventListener("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => show().catch(() => undefined), PREVIEW_MS);
    });
    form.addEventListener("click", (event) => {
      const link = event.target.closest("[data-level]");
      if (!link) return;
      event.preventDefault();
      const boxes = [...link.closest(".level").querySelectorAll("input")];
      const ticked = !boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = ticked; });
      form.dispatchEvent(new Event("change"));
    });
  }

  // Filling in what goes with a choice makes the choice.
  function choose(choice) {
    choice.addEventListener("input", (event) => {
      if (event.target.type !== "radio") choice.querySelector("input[type=radio]").checked = true;
    });
  }

  function pressOnce() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post" || form.dataset.pressed) return form.dataset.pressed && event.preventDefault();
      const progress = form.closest("#progression");
      if (form.dataset.letters === "prepared" && progress) setTimeout(() => followLetters(progress, LETTERS_TRIES).catch(() => undefined), POLL_MS);
      if (form.action.endsWith("/courriers") || "download" in form.dataset || event.submitter?.formTarget) return undefined;
      form.dataset.pressed = "yes";
      return undefined;
    });
    window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.pressed));
  }

  // A pointer that rests on a bar reads its value; a finger taps it. The table below says all of them to screen readers.
  function tellValue(chart) {
    const place = chart.querySelector(".chart-value");
    chart.addEventListener("click", (event) => {
      const title = event.target.closest("svg rect")?.querySelector("title");
      if (!place || !title) return;
      place.hidden = false;
      place.textContent = title.textContent;
    });
  }

  function printFrom(button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  function useKeys(box) {
    const enabled = box.querySelector("input");
    const keptRadios = [...document.querySelectorAll("input[name=garde]")];
    box.hidden = false;
    enabled.checked = localStorage.getItem("raccourcis") !== "non";
    enabled.addEventListener("change", () => localStorage.setItem("raccourcis", enabled.checked ? "oui" : "non"));
    function keepNext() {
      const next = (keptRadios.findIndex((one) => one.checked) + 1) % keptRadios.length;
      keptRadios[next].checked = true;
      keptRadios[next].focus();
    }
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])");
      if (!enabled.checked || typing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      const key = event.key.toLowerCase();
      if (key === "k" && keptRadios.length) keepNext();
      else document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
    });
  }

  // What was sent is lost where the answer is a refusal, or the way in of somebody whose session ended: « editor/lost.js ».
  function tellLostFromSaved() {
    try {
      const refused = performance.getEntriesByType("navigation")[0]?.responseStatus >= 400;
      if (refused || document.querySelector("[data-way-in]")) sessionStorage.setItem("texte-perdu", "oui");
      else if (!sessionStorage.getItem("texte-perdu")) sessionStorage.removeItem("texte-envoye");
    } catch {
      // A browser that keeps nothing.
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    tellLostFromSaved();
    foldMenu();
    document.querySelectorAll(".shortcuts").forEach(useKeys);
    document.querySelectorAll("[data-print]").forEach(printFrom);
    document.querySelectorAll(".chart").forEach(tellValue);
    pressOnce();
    document.querySelectorAll("[data-chosen-by]").forEach(choose);
    document.querySelectorAll("[data-poll]").forEach(follow);
    document.querySelectorAll("th.tick").forEach(tickAll);
    document.querySelectorAll("form.selection").forEach(countTicks);
    document.querySelectorAll("form[data-count]").forEach(countCriteria);
  });
})();
