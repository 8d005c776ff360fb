// Speaks to the telephone about passkeys. Without this script, or in a browser that has none, nothing of them shows.
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What `navigator.credentials` wants: the same options, with bytes for what JSON writes as text.
function read(options) {
  const withBytes = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = withBytes(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = withBytes(options.allowCredentials);
  return read;
}

function write({ id, rawId, type, response }) {
  const written = { transports: response.getTransports?.() };
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) written[name] = toText(response[name]);
  }
  return JSON.stringify({ id, rawId: toText(rawId), type, response: written });
}

function ceremony(form) {
  const [failed, known] = ["failed", "known"].map((name) => form.querySelector(`[data-${name}]`));
  let earlier;
  async function ask(wanted) {
    earlier?.abort();
    earlier = new AbortController();
    const { signal } = earlier;
    failed.hidden = true;
    try {
      const asked = { publicKey: read(JSON.parse(form.dataset.options)), signal };
      form.elements.answer.value = write(await navigator.credentials[form.dataset.ceremony](asked));
      form.submit();
    } catch (error) {
      if (signal.aborted) return;
      if (error.name === "InvalidStateError" && known) known.hidden = false;
      // Some browsers wait for a finger on the button: their refusal of the first time is no news.
      else if (wanted) failed.hidden = false;
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(true);
  });
  ask(false);
}

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-with-passkeys]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-without-passkeys]")) part.hidden = true;
  document.querySelectorAll("form[data-ceremony]").forEach(ceremony);
}
