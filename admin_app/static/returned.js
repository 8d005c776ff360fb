// Envelopes scanned one after the other without a mouse; without this script each scan answers with a page.
(() => {
  "use strict";

  const FORMATS = ["code_128"];
  const LOOK_MS = 250;
  // The same envelope stays before the camera for a while.
  const SAME_MS = 4000;
  const AGAIN_MS = 3000;
  const WAITING = "courriers-revenus";
  const REFERENCE = /^[2-9A-HJKMNP-Z]{9}$/;
  const SOUNDS = { done: [[880, 0.09]], again: [[440, 0.09], [440, 0.09]], refused: [[196, 0.35]] };

  const sound = { context: null };

  function wake() {
    // Browsers let a page sound once somebody typed or pressed.
    sound.context ??= new AudioContext();
    if (sound.context.state === "suspended") sound.context.resume();
  }

  function beep(outcome) {
    if (!sound.context) return;
    let at = sound.context.currentTime;
    for (const [pitch, seconds] of SOUNDS[outcome] ?? []) {
      const tone = sound.context.createOscillator();
      const level = sound.context.createGain();
      tone.frequency.value = pitch;
      level.gain.value = 0.15;
      tone.connect(level).connect(sound.context.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.06;
    }
    if (outcome !== "done") navigator.vibrate?.(200);
  }

  function show(page) {
    for (const id of ["resultat", "derniers"]) {
      const fresh = page.getElementById(id);
      document.getElementById(id).replaceWith(document.adoptNode(fresh));
    }
    beep(document.getElementById("resultat").dataset.outcome);
  }

  // A scanner is quicker than the network: what it types meanwhile waits, and is sent in its order. Scanning twice is
  // scanning once, so what nobody answered is sent again; what waits outlives the page, until its tab is closed.
  function sender(form, field) {
    const waiting = kept();
    let busy = false;

    async function sendNext() {
      if (busy || !waiting.length) return;
      busy = true;
      try {
        const page = await answerTo(waiting[0]);
        waiting.shift();
        keep(waiting);
        show(page);
      } catch {
        unanswered(waiting);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
      busy = false;
      sendNext();
    }

    async function answerTo(reference) {
      const body = new URLSearchParams(new FormData(form));
      body.set(field.name, reference);
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
      if (answer.status >= 500) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.getElementById("resultat")) return page;
      // Logged out, or another school chosen meanwhile: the page itself says so, and what waits is sent afterwards.
      leaves.freely = true;
      location.reload();
      return new Promise(() => {});
    }

    sendNext();
    return (reference) => {
      waiting.push(reference);
      keep(waiting);
      sendNext();
    };
  }

  const leaves = { freely: false };

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(WAITING)) ?? [];
    } catch {
      return [];
    }
  }

  function keep(waiting) {
    try {
      sessionStorage.setItem(WAITING, JSON.stringify(waiting));
    } catch {
      // A browser that keeps nothing: it waits in this page.
    }
  }

  function unanswered(waiting) {
    const told = document.createElement("p");
    told.className = "notice notice-error";
    const [wait, then] =
      waiting.length > 1
        ? [`${waiting.length} enveloppes attendent`, "elles seront notées"]
        : ["une enveloppe attend", "elle sera notée"];
    told.textContent = `Le serveur ne répond pas\u00a0: ${wait} (${waiting.join(", ")}). Laissez cette page ouverte, ${then} dès qu'il répondra.`;
    document.getElementById("resultat").replaceChildren(told);
    beep("refused");
  }

  // A scanner types wherever the page was touched last: where its signs would be lost, they belong in the field.
  function isLostHere({ target, key, ctrlKey, altKey, metaKey }) {
    return key.length === 1 && key !== " " && !ctrlKey && !altKey && !metaKey && !target.closest("input, textarea, select");
  }

  async function watch(video, button, send) {
    const detector = new BarcodeDetector({ formats: FORMATS });
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const seen = { reference: "", at: 0 };
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const stop = () => {
      clearInterval(looking);
      stream.getTracks().forEach((track) => track.stop());
      video.hidden = true;
      button.textContent = button.dataset.start;
      button.onclick = null;
    };
    const looking = setInterval(async () => {
      const found = await detector.detect(video).catch(() => []);
      const reference = found.map((one) => one.rawValue).find((text) => REFERENCE.test(text));
      const now = Date.now();
      if (!reference || (reference === seen.reference && now - seen.at < SAME_MS)) return;
      Object.assign(seen, { reference, at: now });
      send(reference);
    }, LOOK_MS);
    button.textContent = "Arrêter l'appareil photo";
    return stop;
  }

  async function offerCamera(form, send) {
    const button = form.querySelector("[data-camera]");
    const supported = "BarcodeDetector" in window && navigator.mediaDevices ? await BarcodeDetector.getSupportedFormats() : [];
    if (!FORMATS.every((one) => supported.includes(one))) return;
    button.dataset.start = button.textContent;
    button.hidden = false;
    let stop = null;
    button.addEventListener("click", async () => {
      wake();
      if (stop) {
        stop();
        stop = null;
        return;
      }
      try {
        stop = await watch(form.querySelector("video"), button, send);
      } catch {
        button.hidden = true;
        form.querySelector("input[name=reference]").focus();
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("scanner");
    const field = form.querySelector("input[name=reference]");
    const send = sender(form, field);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      wake();
      if (field.value.trim()) send(field.value);
      field.value = "";
      field.focus();
    });
    document.addEventListener("keydown", (event) => {
      if (isLostHere(event)) field.focus();
    });
    addEventListener("beforeunload", (event) => {
      if (kept().length && !leaves.freely) event.preventDefault();
    });
    field.focus();
    offerCamera(form, send);
  });
})();
