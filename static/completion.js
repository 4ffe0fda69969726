// Extras of the completion pages: tab keys, the hidden middle of a long conversation, folds that hold a target.
// The pages work without this file.
//
// What the markup says to the script:
//   data-as="markdown|text"   remembers how texts are shown

(() => {
  "use strict";

  const one = (selector) => document.querySelector(selector);
  const target = () => (location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null);

  // A message that is not on the page: the server shows the middle from there on. Not again where it has done so.
  const fetchHidden = () => {
    const place = location.hash.match(/^#message-(\d+)$/)?.[1];
    const address = new URL(location);
    if (!place || target() || !one(".gap") || address.searchParams.get("from") === place) return;
    address.searchParams.set("from", place);
    location.replace(address);
  };

  const openFolds = () => {
    for (let fold = target()?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };

  const rememberForm = ({ target: clicked }) => {
    const link = clicked.closest("[data-as]");
    if (!link) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `as=${link.dataset.as}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  };

  // Tabs have their number as a key.
  document.querySelectorAll(".tabs a").forEach((tab, place) => (tab.dataset.key = String(place + 1)));

  document.addEventListener("click", rememberForm);
  addEventListener("hashchange", () => {
    fetchHidden();
    openFolds();
  });
  fetchHidden();
  openFolds();
})();
