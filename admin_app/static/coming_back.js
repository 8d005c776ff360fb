// Sends the answer of an identity provider on; the button does so where no script runs.
document.getElementById("coming-back").submit();
