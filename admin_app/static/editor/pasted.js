// What is pasted from Word, LibreOffice, Google Docs or a page of the web, as the texts of letters and messages say it.
// The reader keeps only what the text may hold; here, what those programs say in ways of their own is said in plain HTML.
import { markVariables } from "./texts.js";

const UNSEEN = /[\u00AD\u200B-\u200D\u2060\uFEFF]/g;
const JUNK = "script, style, template, noscript, iframe, object, embed, svg, math, xml, head, title, meta, link, button, input, select, textarea";
const OF_LIST = /mso-list:\s*l\d+\s+level(\d+)/i;
const NUMBERED = /^\s*(?:\d+|[a-z]{1,3})[.)]/i;
const HEADINGS = "h1, h2, h4, h5, h6, [class^=MsoTitle], [class^=MsoHeading]";

/** Some pasted HTML, ready for the reader. */
export function cleanedPaste(html, form) {
  const page = new DOMParser().parseFromString(withoutActs(html), "text/html");
  const { body } = page;
  dropComments(page);
  body.querySelectorAll(JUNK).forEach((one) => one.remove());
  dropUnseen(page);
  body.querySelectorAll("*").forEach((one) => { if (one.tagName.includes(":")) one.replaceWith(...one.childNodes); });
  listsOfWord(page);
  sayFormats(page);
  body.querySelectorAll(HEADINGS).forEach((heading) => rename(heading, form.allowed.has("h3") ? "h3" : "p"));
  body.querySelectorAll("*").forEach(withoutAttributes);
  markVariables(body, form);
  return body.innerHTML;
}

/** Some pasted words as HTML: an empty line makes a paragraph. */
export function htmlOfWords(words) {
  const { body } = new DOMParser().parseFromString("", "text/html");
  words.replace(/\r\n?/g, "\n").replace(UNSEEN, "").split(/\n[ \t]*\n/).forEach((part) => {
    const paragraph = body.appendChild(body.ownerDocument.createElement("p"));
    part.split("\n").forEach((line, number) => paragraph.append(...(number ? [body.ownerDocument.createElement("br")] : []), line));
  });
  return body;
}

// Nothing runs in a page that is only read, and the policy of ours stops styles and handlers there too, but browsers
// complain of each: under another name, a style can be read, and nothing is complained of.
function withoutActs(html) {
  const withoutSheets = html.replace(/<(\/?)style\b/gi, "<$1template");
  return withoutSheets.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'/])style(\s*=)/gi, "$1data-style$2").replace(/([\s"'/])on\w+(\s*=)/gi, "$1data-on$2"));
}

const styleOf = (element) => element.dataset.style ?? "";
const says = (element, property, value) => new RegExp(`(?:^|;)\\s*${property}\\s*:[^;]*(?:${value})`, "i").test(styleOf(element));

function dropComments(page) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach((comment) => comment.remove());
}

function dropUnseen(page) {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(UNSEEN, "");
}

// Word writes the items of lists as paragraphs, each with its bullet or number typed in it.
function listsOfWord(page) {
  let list = null;
  let before = null;
  page.body.querySelectorAll("p, h1, h2, h3, h4, h5, h6").forEach((paragraph) => {
    if (!OF_LIST.test(styleOf(paragraph))) return;
    const mark = [...paragraph.querySelectorAll("span")].find((one) => /mso-list:\s*Ignore/i.test(styleOf(one)));
    const tag = mark && NUMBERED.test(mark.textContent) ? "ol" : "ul";
    mark?.remove();
    const previous = paragraph.previousElementSibling;
    if (!list || previous !== before || list.localName !== tag) {
      list = page.createElement(tag);
      paragraph.before(list);
    }
    before = list;
    const item = list.appendChild(page.createElement("li"));
    item.append(...paragraph.childNodes);
    paragraph.remove();
  });
}

// What a style says, in a tag; and a tag that its style takes back, away (Google Docs wraps all in a « b » that is none).
function sayFormats(page) {
  page.body.querySelectorAll("b, strong, i, em").forEach((one) => {
    if (says(one, "font-weight", "normal|[1-4]00") || says(one, "font-style", "normal")) one.replaceWith(...one.childNodes);
  });
  page.body.querySelectorAll("span[data-style], p[data-style]").forEach((one) => {
    if (says(one, "font-weight", "bold|[6-9]00")) wrap(one, "b");
    if (says(one, "font-style", "italic|oblique")) wrap(one, "em");
    if (says(one, "text-decoration(?:-line)?", "underline")) wrap(one, "u");
  });
}

function wrap(element, tag) {
  const around = element.ownerDocument.createElement(tag);
  around.append(...element.childNodes);
  element.append(around);
}

function rename(element, tag) {
  const named = element.ownerDocument.createElement(tag);
  named.append(...element.childNodes);
  element.replaceWith(named);
}

function withoutAttributes(element) {
  [...element.attributes].forEach(({ name }) => {
    if (!["href", "data-pm-slice"].includes(name)) element.removeAttribute(name);
  });
}
