// Suggestions below the search box of the header; without this script the box opens the page of results.
(() => {
  "use strict";

  const TYPING_MS = 120;

  // A combobox whose list is read by whoever cannot see it: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  function suggest(box) {
    const list = document.createElement("div");
    const state = { options: [], active: -1, asked: null, waiting: 0 };
    Object.assign(list, { id: "suggestions", className: "suggestions", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Familles trouvées");
    box.after(list);
    Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox",
    }).forEach(([name, value]) => box.setAttribute(name, value));

    function close() {
      list.hidden = true;
      state.active = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      state.active = place;
      state.options.forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
      if (place < 0) return box.removeAttribute("aria-activedescendant");
      box.setAttribute("aria-activedescendant", state.options[place].id);
      return state.options[place].scrollIntoView({ block: "nearest" });
    }

    function option(suggestion, number) {
      const line = document.createElement("div");
      const told = document.createElement("small");
      Object.assign(line, { id: `suggestion-${number}`, textContent: suggestion.title });
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.dataset.address = suggestion.address;
      told.textContent = suggestion.told;
      line.append(told);
      return line;
    }

    // What is shown is for what was asked: keys wait for the list of what has been typed since, or would open another.
    const isFresh = () => list.dataset.asked === box.value;

    function show({ heading, suggestions }, asked) {
      state.options = suggestions.map(option);
      const above = document.createElement("div");
      Object.assign(above, { className: "heading", textContent: heading });
      above.setAttribute("role", "presentation");
      list.replaceChildren(...(heading ? [above] : []), ...state.options);
      list.dataset.asked = asked;
      choose(-1);
      if (!state.options.length || document.activeElement !== box) return close();
      list.hidden = false;
      return box.setAttribute("aria-expanded", "true");
    }

    async function ask() {
      state.asked?.abort();
      state.asked = new AbortController();
      const asked = box.value;
      const address = `${box.dataset.suggestions}?${new URLSearchParams({ q: asked })}`;
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: state.asked.signal });
        if (answer.ok && !answer.redirected) show(await answer.json(), asked);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    function keyed(event) {
      const last = state.options.length - 1;
      if (event.key === "Escape") return close();
      if (list.hidden || last < 0 || !isFresh()) return undefined;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        return choose(Math.max(-1, Math.min(last, state.active + step)));
      }
      const chosen = state.options[state.active];
      if (event.key === "Enter" && chosen) {
        event.preventDefault();
        location.assign(chosen.dataset.address);
      }
      return undefined;
    }

    box.addEventListener("input", () => {
      choose(-1);
      clearTimeout(state.waiting);
      state.waiting = setTimeout(ask, TYPING_MS);
    });
    box.addEventListener("focus", ask);
    box.addEventListener("keydown", keyed);
    box.addEventListener("blur", () => setTimeout(close));
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const chosen = event.target.closest("[role=option]");
      if (chosen) location.assign(chosen.dataset.address);
    });
  }

  function focusBySlash(box) {
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      box.focus();
      box.select();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-suggestions]");
    if (!box) return;
    suggest(box);
    focusBySlash(box);
  });
})();
