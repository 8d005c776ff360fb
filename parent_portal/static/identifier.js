// Who photographed the square of a letter finds the identifier already typed. It comes behind the « # », which browsers keep to
// themselves: it is in no request, so in no log of any server on the way, and in no Referer. Without this script the page is
// the same, and the identifier is typed: it is printed beside the square.
const found = /^#id=([a-z0-9.]{1,60})$/.exec(location.hash);
if (found) {
  const identifier = document.querySelector('input[name="identifier"]');
  // Not left in the address, where whoever uses this telephone next would read it.
  history.replaceState(history.state, "", location.pathname + location.search);
  if (identifier && !identifier.value) {
    [, identifier.value] = found;
    document.querySelector('input[name="password"]').focus();
  }
}
