// Adds « Afficher » to each password; without this script the pages work just as well.
const { show, hide } = document.currentScript.dataset;
for (const field of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement("button");
  const label = document.querySelector(`label[for="${field.id}"]`);
  const row = document.createElement("div");
  button.type = "button";
  button.className = "show";
  button.textContent = show;
  button.setAttribute("aria-label", `${show} – ${label.textContent}`);
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.textContent = hidden ? hide : show;
    button.setAttribute("aria-label", `${button.textContent} – ${label.textContent}`);
  });
  row.className = "password";
  field.replaceWith(row);
  row.append(field, button);
}
// A password shown must not be kept by the browser as ordinary text.
document.addEventListener("submit", () => {
  for (const field of document.querySelectorAll(".password input")) field.type = "password";
});
