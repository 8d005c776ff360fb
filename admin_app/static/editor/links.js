// Asks where a link leads, in a dialog of the browser's own.
import { element } from "./toolbar.js";
import { hasMark } from "./commands.js";

const MAIL = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/;
const SCHEME = /^[a-z][a-z\d+.-]*:/i;
const ALLOWED = /^(?:https?:\/\/[^\s/]+|mailto:[^\s@]+@[^\s@]+)/i;

/** An address as a link needs it: of the web or of e-mail; nothing when it is neither. */
export function addressOf(typed) {
  const words = typed.trim();
  const whole = MAIL.test(words) ? `mailto:${words}` : SCHEME.test(words) ? words : `https://${words}`;
  return ALLOWED.test(whole) && !/\s/.test(whole) ? whole : null;
}

/** The command that asks, then makes, changes or takes away the link of what is chosen. */
export function linkAsker(form, host, viewOf) {
  const { link } = form.schema.marks;
  if (!link) return () => false;
  const input = element("input", { id: `${host.id}-lien`, class: "form-control", type: "text", inputmode: "url", autocomplete: "off", spellcheck: "false", "aria-describedby": `${host.id}-lien-aide` });
  const hint = element("p", { class: "hint", id: `${host.id}-lien-aide`, role: "status" });
  const take = element("button", { type: "button", class: "btn btn-primary" }, "Valider le lien");
  const remove = element("button", { type: "button", class: "btn btn-light" }, "Retirer le lien");
  const cancel = element("button", { type: "button", class: "btn btn-light" }, "Annuler");
  const dialog = element("dialog", { class: "link-dialog", "aria-label": "Lien" },
    element("label", { for: input.id }, "Adresse du lien"), input, hint, element("div", { class: "buttons" }, take, remove, cancel));
  host.append(dialog);
  let range = null;
  const end = () => { dialog.close(); viewOf().focus(); };
  take.addEventListener("click", () => {
    const href = addressOf(input.value);
    if (!href) {
      hint.textContent = "Cette adresse n'est pas valable. Exemples\u00a0: https://www.exemple.fr, ou secretariat@exemple.fr.";
      input.setAttribute("aria-invalid", "true");
      return input.focus();
    }
    const { state } = viewOf();
    const made = state.tr;
    if (range.from === range.to) made.insert(range.from, form.schema.text(input.value.trim(), [link.create({ href })]));
    else made.removeMark(range.from, range.to, link).addMark(range.from, range.to, link.create({ href }));
    viewOf().dispatch(made);
    return end();
  });
  remove.addEventListener("click", () => { viewOf().dispatch(viewOf().state.tr.removeMark(range.from, range.to, link)); end(); });
  cancel.addEventListener("click", end);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); end(); });
  // The form around is not to be sent by it.
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); take.click(); } });
  return (state, dispatch) => {
    if (!dispatch) return true;
    const found = linkAt(state, link);
    range = found ?? state.selection;
    input.value = found?.href ?? "";
    input.removeAttribute("aria-invalid");
    hint.textContent = "Une adresse du web, ou une adresse e-mail.";
    remove.hidden = !hasMark(state, link);
    dialog.showModal();
    input.focus();
    return true;
  };
}

// The link around the cursor or the selection, whole.
function linkAt(state, link) {
  const { $from, from, to } = state.selection;
  const parent = $from.parent;
  let found = null;
  parent.forEach((node, offset) => {
    const mark = link.isInSet(node.marks);
    const start = $from.start() + offset;
    if (!mark || start + node.nodeSize < from || start > to) return;
    const joins = found && found.to === start && found.href === mark.attrs.href;
    found = joins ? { ...found, to: start + node.nodeSize } : found ?? { from: start, to: start + node.nodeSize, href: mark.attrs.href };
  });
  return found;
}
