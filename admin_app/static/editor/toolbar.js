// The buttons above a text: one stop of the Tab key, arrows from one to the next, as toolbars are.
import { redo, toggleMark, undo } from "./prosemirror.js";
import { hasMark, insertVariable, isIn, toggleHeading, toggleList } from "./commands.js";
import { spoken, tagOf } from "./texts.js";

/** An element, its attributes and what is in it. */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...content);
  return made;
}

function buttons(form, askLink) {
  const { nodes, marks } = form.schema;
  const mark = (kind, label, key) => kind && { label, key, run: toggleMark(kind), pressed: (state) => hasMark(state, kind), is: kind.name };
  const node = (kind, label, run) => kind && { label, run, pressed: (state) => isIn(state, kind), is: kind.name };
  return [
    mark(marks.strong, "Gras", "Control+B"),
    mark(marks.em, "Italique", "Control+I"),
    mark(marks.underline, "Souligné", "Control+U"),
    node(nodes.heading, "Titre", nodes.heading && toggleHeading(form.schema)),
    node(nodes.bullet_list, "Liste à puces", nodes.bullet_list && toggleList(form.schema, nodes.bullet_list)),
    node(nodes.ordered_list, "Liste numérotée", nodes.ordered_list && toggleList(form.schema, nodes.ordered_list)),
    marks.link && { label: "Lien", key: "Control+K", run: askLink, pressed: (state) => hasMark(state, marks.link), is: "link" },
    { label: "Annuler la frappe", key: "Control+Z", run: undo },
    { label: "Rétablir la frappe", key: "Control+Y", run: redo },
  ].filter(Boolean);
}

/** The toolbar of the text that `area` is; `viewOf` gives its view, `askLink` asks where a link leads. */
export function toolbarOf(form, area, viewOf, askLink) {
  const bar = element("div", { role: "toolbar", "aria-label": "Mise en forme", "aria-controls": area.id, class: "text-tools" });
  const shown = buttons(form, askLink).map((one) => ({ ...one, button: button(one) }));
  shown.forEach(({ button: made, run }) => {
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", (event) => {
      const view = viewOf();
      if (made.getAttribute("aria-disabled") === "true") return;
      run(view.state, view.dispatch, view);
      // By keyboard, the next button may be wanted; by hand, the text.
      if (event.detail > 0 && !document.querySelector("dialog[open]")) view.focus();
    });
    bar.append(made);
  });
  const names = [...Object.keys(form.blocks), ...Object.keys(form.inline)];
  if (names.length) bar.append(variableMenu(form, viewOf));
  const stops = () => [...bar.querySelectorAll(":scope > button, :scope > .menu-of-variables > button")];
  rove(bar, stops);
  return { bar, focus: () => stops().find((one) => one.tabIndex === 0).focus(), refresh: (state) => shown.forEach((one) => refresh(one, state)) };
}

function button({ label, key, is }) {
  const made = element("button", { type: "button", class: `tool${is ? ` tool-${is}` : ""}` }, label);
  if (key) made.setAttribute("aria-keyshortcuts", key);
  return made;
}

function refresh({ button: made, run, pressed, is }, state) {
  if (pressed) made.setAttribute("aria-pressed", String(pressed(state)));
  const works = is === "link" || run(state);
  if (works) made.removeAttribute("aria-disabled");
  else made.setAttribute("aria-disabled", "true");
}

function rove(bar, stops) {
  stops().forEach((one, place) => { one.tabIndex = place ? -1 : 0; });
  const stopAt = (wanted) => stops().forEach((one) => { one.tabIndex = one === wanted ? 0 : -1; });
  bar.addEventListener("focusin", (event) => { if (stops().includes(event.target)) stopAt(event.target); });
  bar.addEventListener("keydown", (event) => {
    const all = stops();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const to = moved(event.key, at, all.length, "ArrowLeft", "ArrowRight");
    if (to === null) return;
    event.preventDefault();
    all[to].focus();
  });
}

function moved(key, at, count, back, on) {
  if (key === on) return (at + 1) % count;
  if (key === back) return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

/** Blanks beside signs that do not break, as in the pages of the server. */
function withSigns(words) {
  return words.replace(/ ([»:;?!])/g, "\u00a0$1").replace(/« /g, "«\u00a0");
}

function variableMenu(form, viewOf) {
  const opener = element("button", { type: "button", class: "tool", "aria-haspopup": "menu", "aria-expanded": "false" }, "Insérer une variable");
  const menu = element("div", { role: "menu", "aria-label": "Variables", class: "variables-menu" });
  menu.hidden = true;
  [["Dans une phrase", form.inline], ["Un paragraphe entier", form.blocks]].forEach(([title, variables]) => {
    if (!Object.keys(variables).length) return;
    const group = menu.appendChild(element("div", { role: "group", "aria-label": title }, element("p", { "aria-hidden": "true" }, title)));
    group.append(...Object.entries(variables).map(([name, meaning]) => element(
      "button", { type: "button", role: "menuitem", tabindex: "-1", "data-name": name, title: tagOf(name) },
      element("strong", {}, spoken(name)), withSigns(` : ${meaning}`),
    )));
  });
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  items[0].tabIndex = 0;
  const show = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) items[0].focus();
  };
  const close = () => { show(false); opener.focus(); };
  opener.addEventListener("click", () => show(menu.hidden));
  opener.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") { event.preventDefault(); show(true); } });
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[role=menuitem]");
    if (!item) return;
    const view = viewOf();
    show(false);
    insertVariable(form, item.dataset.name)(view.state, view.dispatch);
    view.focus();
  });
  menu.addEventListener("keydown", (event) => followMenu(event, items, close, () => show(false)));
  document.addEventListener("click", (event) => { if (!menu.hidden && !event.target.closest(".menu-of-variables")) show(false); });
  return element("div", { class: "menu-of-variables" }, opener, menu);
}

function followMenu(event, items, close, hide) {
  const at = items.indexOf(document.activeElement);
  const to = moved(event.key, at, items.length, "ArrowUp", "ArrowDown") ?? letterAfter(event, items, at);
  if (to !== null) items[to].focus();
  else if (event.key === "Escape") close();
  else if (event.key === "Tab") return hide();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// The next item that begins with the letter typed.
function letterAfter(event, items, at) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.altKey || event.metaKey) return null;
  const order = [...items.keys()].map((step) => (at + 1 + step) % items.length);
  return order.find((place) => items[place].textContent.startsWith(event.key.toLowerCase())) ?? null;
}
