// What a text will look like, beside it, while it is typed; and what of it cannot be, by the rule that will save it.
const CHECK_MS = 400;
const PRINT_MS = 1000;
const FREE = 10;
const SPACING_MS = 15000;
const WINDOW_MS = 5 * 60 * 1000;
const KEPT = "apercus";
const GONE = "Votre session est terminée. Copiez votre texte, puis reconnectez-vous dans un autre onglet.";
const AWAY = "Le serveur ne répond pas\u00a0: l'aperçu reprendra avec la prochaine frappe.";

async function ask(address, form) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
  if (answer.redirected || answer.status === 401) throw new Error(GONE);
  if (!answer.ok) throw new Error(AWAY);
  return answer.json();
}

// Asks once typing stops, and shows the answer to the last question only.
function asker(address, form, show, tell) {
  let waiting = 0;
  let asked = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++asked;
      try {
        const answer = await ask(address, form);
        if (mine === asked) show(answer);
      } catch (failure) {
        if (mine === asked) tell(failure.message === GONE ? GONE : AWAY);
      }
    }, CHECK_MS);
  };
}

/** Shows the message as families will read it, and counts what they see of it. */
export function previewMessage(form, address, tell) {
  const preview = document.getElementById("apercu");
  const characters = document.querySelector(".characters");
  return asker(address, form, ({ html, characters: count, problem }) => {
    preview.innerHTML = html;  // cleaned by the server, as families get it
    characters.textContent = count.toLocaleString("fr-FR");
    characters.classList.toggle("too-many", count > Number(characters.dataset.most));
    tell(problem);
  }, tell);
}

/** Shows the letter as it will be printed, as often as one person may ask for it. */
export function previewLetter(form, address, tell) {
  const shown = document.querySelector(".letter-preview");
  const button = form.querySelector("[formtarget]");
  let waiting = 0;
  let number = 0;
  // Elsewhere, each would be a file that is downloaded.
  const shows = navigator.pdfViewerEnabled;
  if (!shows) document.querySelector(".preview-hint").textContent = "Ce navigateur ne montre pas les PDF dans la page\u00a0: cliquez sur «\u00a0Aperçu\u00a0» pour voir le courrier.";
  const print = () => {
    noteOne();
    number += 1;
    printBeside(form, button, shown, `apercu-${number}`, tell);
  };
  return asker(address, form, ({ problem }) => {
    tell(problem);
    clearTimeout(waiting);
    if (!problem && shows) waiting = setTimeout(print, Math.max(PRINT_MS, timeToWait()));
  }, tell);
}

// The first few at once, then with some time between: all together below what the server grants one person, with some
// left for saving. Those of other tabs count too.
function recent() {
  const since = Date.now() - WINDOW_MS;
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]").filter((at) => at > since && at <= Date.now());
  } catch {
    return [];
  }
}

function noteOne() {
  localStorage.setItem(KEPT, JSON.stringify([...recent(), Date.now()]));
}

export function timeToWait() {
  const times = recent();
  return times.length < FREE ? 0 : Math.max(0, times.at(-1) + SPACING_MS - Date.now());
}

// In a frame of its own that takes the place of the last once it is there: nothing blinks, and « back » stays itself.
function printBeside(form, button, shown, name, tell) {
  const frame = document.createElement("iframe");
  frame.className = "letter coming";
  frame.name = name;
  frame.title = "Aperçu du courrier";
  shown.append(frame);
  shown.setAttribute("aria-busy", "true");
  frame.addEventListener("load", () => {
    if (isBlank(frame)) return;
    const problem = wordsOf(frame);
    if (problem) tell(problem);
    shown.querySelectorAll("iframe").forEach((one) => { if (one !== frame) one.remove(); });
    frame.classList.remove("coming");
    shown.removeAttribute("aria-busy");
  });
  button.formTarget = name;
  form.requestSubmit(button);
}

// The viewers of some browsers let nobody ask what they show.
function isBlank(frame) {
  try {
    return frame.contentWindow.location.href === "about:blank";
  } catch {
    return false;
  }
}

// A letter that has no room for its text is refused in words.
function wordsOf(frame) {
  try {
    const page = frame.contentDocument;
    return page?.contentType === "text/plain" ? page.body.textContent.trim() : "";
  } catch {
    return "";
  }
}
