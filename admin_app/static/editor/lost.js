// A text that was sent once its session had ended reached nobody: this tab keeps it, and gives it back where it was typed.
import { element } from "./toolbar.js";

// « administration.js » writes the second once a page shows that the text arrived nowhere.
const SENT = "texte-envoye";
const LOST = "texte-perdu";
const OF_NO_TEXT = ["csrf_token", "version"];

/** Keeps the text of a form when it is sent, and offers the one that was lost. */
export function giveBack(textarea, view, before) {
  const where = placeOf(textarea);
  textarea.form.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget) keep({ where, document: view.state.doc.toJSON() });
  });
  const lost = lostOne();
  if (lost?.where !== where) return;
  forget();
  const found = documentOf(lost, view);
  if (!found || found.eq(view.state.doc)) return;
  const button = element("button", { type: "button", class: "btn btn-sm btn-light" }, "Le reprendre");
  const told = element("div", { class: "notice notice-warning", role: "status" }, "Le texte que vous aviez tapé ici n'a pas été enregistré. ", button);
  button.addEventListener("click", () => {
    view.dispatch(view.state.tr.replaceWith(0, view.state.doc.content.size, found.content));
    told.remove();
    view.focus();
  });
  before.before(told);
}

function placeOf(textarea) {
  const hidden = [...textarea.form.querySelectorAll("input[type=hidden]")].filter(({ name }) => !OF_NO_TEXT.includes(name));
  return [textarea.name, ...hidden.map(({ name, value }) => `${name}=${value}`)].join("&");
}

function documentOf(lost, view) {
  try {
    return view.state.schema.nodeFromJSON(lost.document);
  } catch {
    return null;
  }
}

function keep(sent) {
  try {
    sessionStorage.setItem(SENT, JSON.stringify(sent));
    sessionStorage.removeItem(LOST);
  } catch {
    // A browser that keeps nothing.
  }
}

function lostOne() {
  try {
    return sessionStorage.getItem(LOST) ? JSON.parse(sessionStorage.getItem(SENT)) : null;
  } catch {
    return null;
  }
}

function forget() {
  [SENT, LOST].forEach((name) => sessionStorage.removeItem(name));
}
