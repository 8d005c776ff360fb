// The form that brings the answer to the ENT is sent by itself; without scripts, by its button.
document.getElementById("entering").submit();
