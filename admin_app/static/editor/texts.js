// The texts of letters and messages as documents: what they may hold, how they are read, how they are written again.
// What may be in them is what the server leaves in them: it says so beside each text (data-tags).
import { DOMParser as Reader, DOMSerializer, Schema } from "./prosemirror.js";

const VARIABLE = /\{\{\s*([\p{L}\p{N}_]+)\s*\}\}/gu;
const LINK = /^(?:https?:|mailto:)/i;
const REL = "noopener noreferrer";

export const tagOf = (name) => `{{ ${name} }}`;

/** What a text may hold: `tags` as the server allows them, the variables by name, and how paragraphs are set apart. */
export function formOf({ tags, inline, blocks, between }) {
  const allowed = new Set(tags);
  const form = { allowed, inline, blocks, between };
  form.schema = new Schema({ nodes: nodes(form), marks: marks(allowed) });
  form.writer = writer(form.schema);
  return form;
}

function nodes(form) {
  const { allowed, inline, blocks } = form;
  const lists = allowed.has("ul") && {
    bullet_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ol" }], toDOM: () => ["ol", 0] },
    list_item: { content: "paragraph (bullet_list | ordered_list)*", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
  };
  const heading = allowed.has("h3") && {
    // In the page, it comes below the title of the page.
    heading: { group: "block", content: "inline*", defining: true, parseDOM: [{ tag: "h3" }, { tag: "h2" }], toDOM: () => ["h2", 0] },
  };
  return {
    doc: { content: "block+" },
    paragraph: { group: "block", content: "inline*", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    ...heading,
    ...lists,
    placed: {
      group: "block", atom: true, attrs: { name: {} }, leafText: (node) => tagOf(node.attrs.name),
      parseDOM: [{ tag: "div[data-placed]", getAttrs: (dom) => ({ name: dom.dataset.placed }) }],
      toDOM: ({ attrs: { name } }) => ["div", { class: "chip chip-placed", "data-placed": name, title: blocks[name] }, ["span", { class: "sr-only" }, "variable "], spoken(name)],
    },
    text: { group: "inline" },
    hard_break: { group: "inline", inline: true, selectable: false, linebreakReplacement: true, leafText: () => "\n", parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
    variable: {
      group: "inline", inline: true, atom: true, attrs: { name: {} }, leafText: (node) => tagOf(node.attrs.name),
      parseDOM: [{ tag: "span[data-variable]", getAttrs: (dom) => ({ name: dom.dataset.variable }) }],
      toDOM: ({ attrs: { name } }) => chip(name, inline, blocks),
    },
  };
}

function chip(name, inline, blocks) {
  if (Object.hasOwn(inline, name)) {
    return ["span", { class: "chip", "data-variable": name, title: inline[name] }, ["span", { class: "sr-only" }, "variable "], spoken(name)];
  }
  const known = Object.hasOwn(blocks, name);
  const title = known ? "Cette variable doit être seule dans son paragraphe." : "Cette variable n'existe pas ici.";
  const said = known ? "variable mal placée " : "variable inconnue ";
  return ["span", { class: "chip chip-wrong", "data-variable": name, title }, ["span", { class: "sr-only" }, said], spoken(name)];
}

/** The name of a variable as it is read aloud. */
export const spoken = (name) => name.replaceAll("_", " ");

// Which of two tags of one meaning was typed is kept: what is not touched is written as it was read.
function marks(allowed) {
  const either = (first, second) => ({
    attrs: { tag: { default: first } },
    parseDOM: [first, second].map((tag) => ({ tag, getAttrs: () => ({ tag }) })),
    toDOM: (mark) => [mark.attrs.tag, 0],
  });
  return {
    ...(allowed.has("a") && {
      link: {
        attrs: { href: {} }, inclusive: false,
        parseDOM: [{ tag: "a[href]", getAttrs: (dom) => LINK.test(dom.getAttribute("href")) && { href: dom.getAttribute("href") } }],
        toDOM: (mark) => ["a", { href: mark.attrs.href, rel: REL }, 0],
      },
    }),
    ...(allowed.has("b") && { strong: either("b", "strong") }),
    ...(allowed.has("em") && { em: either("em", "i") }),
    ...(allowed.has("u") && { underline: { parseDOM: [{ tag: "u" }], toDOM: () => ["u", 0] } }),
  };
}

// In a text that is kept, or taken elsewhere, a variable is its tag.
function writer(schema) {
  const nodes = DOMSerializer.nodesFromSchema(schema);
  nodes.variable = (node) => ["span", tagOf(node.attrs.name)];
  if (nodes.heading) nodes.heading = () => ["h3", 0];
  nodes.placed = (node) => ["p", tagOf(node.attrs.name)];
  return new DOMSerializer(nodes, DOMSerializer.marksFromSchema(schema));
}

const inert = (html) => new DOMParser().parseFromString(html, "text/html");

/** The document that some HTML says; nothing of it is run or asked for. */
export function read(html, form) {
  const { body } = inert(html);
  markVariables(body, form);
  return Reader.fromSchema(form.schema).parse(body);
}

/** Put an element in the place of each tag, for the reader to find; one that is alone in its paragraph takes its place. */
export function markVariables(body, form) {
  const page = body.ownerDocument;
  const walker = page.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  texts.filter((text) => text.data.search(VARIABLE) >= 0).forEach((text) => {
    text.replaceWith(...text.data.split(VARIABLE).map((part, number) => number % 2 ? marker(page, part) : part));
  });
  body.querySelectorAll("p, body > span[data-variable]").forEach((paragraph) => {
    const alone = paragraph.matches("p") ? paragraph.querySelector(":scope > span[data-variable]") : paragraph;
    if (!alone || paragraph.textContent.trim() !== alone.textContent || paragraph.closest("li")) return;
    if (!Object.hasOwn(form.blocks, alone.dataset.variable)) return;
    const placed = page.createElement("div");
    placed.dataset.placed = alone.dataset.variable;
    paragraph.replaceWith(placed);
  });
}

function marker(page, name) {
  const span = page.createElement("span");
  span.dataset.variable = name;
  span.textContent = tagOf(name);
  return span;
}

/** The HTML of a document, in the very form in which the server keeps it. */
export function written(doc, form) {
  const { body } = inert("");
  body.append(form.writer.serializeFragment(doc.content, { document: body.ownerDocument }));
  body.querySelectorAll("span").forEach((variable) => variable.replaceWith(...variable.childNodes));
  body.normalize();
  body.querySelectorAll("li > p").forEach((paragraph) => { trim(paragraph); paragraph.replaceWith(...paragraph.childNodes); });
  body.querySelectorAll("p, h3").forEach(trim);
  // Inner ones first: what held only empty ones is empty.
  [...body.querySelectorAll("p, h3, li, ul, ol")].reverse().forEach((block) => { if (!block.hasChildNodes()) block.remove(); });
  if (form.between) body.querySelectorAll("ul, ol").forEach(onLines);
  return [...body.children].map((block) => block.outerHTML).join(form.between);
}

// Spaces and line breaks at an end show nowhere.
function trim(block) {
  for (let last = block.lastChild; last; last = block.lastChild) {
    if (last.nodeType === Node.TEXT_NODE) last.data = last.data.trimEnd();
    if (last.nodeName !== "BR" && (last.nodeType !== Node.TEXT_NODE || last.data)) break;
    last.remove();
  }
  for (let first = block.firstChild; first; first = block.firstChild) {
    if (first.nodeType === Node.TEXT_NODE) first.data = first.data.trimStart();
    if (first.nodeName !== "BR" && (first.nodeType !== Node.TEXT_NODE || first.data)) break;
    first.remove();
  }
}

function onLines(list) {
  [...list.children].forEach((item) => item.before("\n"));
  list.append("\n");
}
