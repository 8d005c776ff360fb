// Letters and messages written as they will be read: the text with its tags stays in its field, for the server and for
// browsers without scripts; this shows it, changes it, and puts it back there.
import { DOMParser as Reader, EditorState, EditorView, NodeSelection, Plugin, gapCursor, history } from "./prosemirror.js";
import { keys, typingRules } from "./commands.js";
import { linkAsker } from "./links.js";
import { giveBack } from "./lost.js";
import { cleanedPaste, htmlOfWords } from "./pasted.js";
import { previewLetter, previewMessage } from "./previews.js";
import { formOf, markVariables, read, spoken, written } from "./texts.js";
import { element, toolbarOf } from "./toolbar.js";

function start(textarea) {
  const { tags, variables, html, between } = textarea.dataset;
  const { inline, blocks } = JSON.parse(variables ?? '{"inline": [], "blocks": []}');
  const form = formOf({ tags: tags.split(" "), inline: Object.fromEntries(inline), blocks: Object.fromEntries(blocks), between: between ?? "" });
  const area = areaFor(textarea);
  const host = element("div", { class: "text-editor", id: `${textarea.id}-editeur` });
  const said = element("p", { class: "sr-only", role: "status" });
  const problem = element("p", { class: "notice notice-error", id: `${textarea.id}-probleme`, role: "status", "aria-live": "polite" });
  let view = null;
  const askLink = linkAsker(form, host, () => view);
  const toolbar = toolbarOf(form, area, () => view, askLink);
  const tell = (sentence) => {
    problem.textContent = sentence ?? "";
    problem.hidden = !sentence;
    area.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) area.setAttribute("aria-invalid", "true");
  };
  tell("");
  const preview = textarea.form.dataset.letter === undefined ? previewMessage : previewLetter;
  const refresh = preview(textarea.form, textarea.dataset.check, tell);
  const first = read(html, form);
  const before = written(first, form);
  const isChanged = () => written(view.state.doc, form) !== before;
  const leave = () => { leaveFor(textarea.form); return true; };
  view = new EditorView({ mount: area }, {
    state: EditorState.create({ doc: first, plugins: [
      typingRules(form), ...keys(form, { leave, askLink, toToolbar: () => { toolbar.focus(); return true; } }),
      history(), gapCursor(), follower(toolbar, said),
    ] }),
    clipboardSerializer: form.writer,
    clipboardTextParser: (text) => sliceOf(text, form),
    transformPastedHTML: (pasted) => cleanedPaste(pasted, form),
    dispatchTransaction(transaction) {
      view.updateState(view.state.apply(transaction));
      if (!transaction.docChanged) return;
      textarea.value = written(view.state.doc, form);
      refresh();
    },
  });
  host.append(toolbar.bar, area, said);
  textarea.before(host, problem);
  textarea.hidden = true;
  document.querySelectorAll("[data-without-editor]").forEach((one) => { one.hidden = true; });
  document.querySelectorAll("[data-with-editor]").forEach((one) => { one.hidden = false; });
  toolbar.refresh(view.state);
  warnOnLeaving(textarea, isChanged);
  giveBack(textarea, view, problem);
}

function areaFor(textarea) {
  const label = textarea.form.querySelector(`label[for="${textarea.id}"]`);
  label.id ||= `${textarea.id}-nom`;
  const area = element("div", {
    id: `${textarea.id}-texte`, class: "text-area", role: "textbox", "aria-multiline": "true", "aria-labelledby": label.id,
    "aria-describedby": `${textarea.id}-cles ${textarea.id}-probleme`, spellcheck: "true", lang: "fr",
  });
  label.addEventListener("click", () => area.focus());
  return area;
}

// Escape ends the writing: the next thing to do is to save.
function leaveFor(form) {
  form.querySelector("button:not([type=button]):not([formtarget])").focus();
}

function sliceOf(text, form) {
  const body = htmlOfWords(text);
  markVariables(body, form);
  return Reader.fromSchema(form.schema).parseSlice(body);
}

// The buttons follow the cursor, and a variable that it comes upon is read aloud.
function follower(toolbar, said) {
  return new Plugin({ view: () => ({
    update(view, before) {
      if (view.state === before) return;
      toolbar.refresh(view.state);
      const { selection } = view.state;
      const name = selection instanceof NodeSelection ? selection.node.attrs.name : null;
      said.textContent = name ? `Variable ${spoken(name)} choisie.` : "";
    },
  }) });
}

function warnOnLeaving(textarea, isChanged) {
  let isSaving = false;
  textarea.form.addEventListener("submit", (event) => { if (!event.submitter?.formTarget) isSaving = true; });
  window.addEventListener("pageshow", () => { isSaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!isSaving && ("unsaved" in textarea.dataset || isChanged())) event.preventDefault();
  });
}

// Where somebody began to type before this was there, what they typed stays.
document.querySelectorAll("textarea[data-check]").forEach((one) => { if (one.value === one.defaultValue) start(one); });
