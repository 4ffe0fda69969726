// The text of tokens: a click or a key selects one, its alternatives are fetched, the address follows.
// The page works without this file: every token in a table, a strip or beside the text is a link.
//
// What the markup says to the script:
//   .tk[data-src]          address of one token, with {t} for its number; [data-from] is the number of the first one
//   a[href$="#t12"]        selects token 12 where it is on the page
//   a[data-uncertain]      1 or -1: the next or the previous uncertain token
//   a[data-unselect]       closes the inspector
//   #uncertain             [data-counts] of uncertain tokens at each threshold, [data-beyond] their names
//   [data-say]             what is read out when a token has come

(() => {
  "use strict";

  const one = (selector) => document.querySelector(selector);
  const text = one(".tk");
  const inspector = one("#inspect");
  if (!text || !inspector) return;

  const tokens = text.querySelectorAll("section > *"); // every one of them, in order
  const first = Number(text.dataset.from);
  const slider = one("#level");
  const label = one("#uncertain");
  const isWhole = !one(".stretches");
  const steps = ["b", "u", "q", "a"]; // how the levels are told from 1 on

  let current = [...text.getElementsByClassName("cur")][0];
  let places; // of the tokens, by element: made when it is first needed

  const placeOf = (token) => {
    places ??= new Map([...tokens].map((one, place) => [one, place]));
    return places.get(token);
  };

  const uncertain = () => {
    return [...text.querySelectorAll(`section > :is(${steps.slice(slider.value - 1)})`)];
  };

  const count = () => {
    const total = Number(label.dataset.counts.split(" ")[slider.value - 1]);
    const number = current && isWhole ? uncertain().indexOf(current) + 1 : 0;
    const words = label.dataset.beyond.split("|")[slider.value - 1];
    label.textContent = `${number ? `${number.toLocaleString("en")} of ` : ""}${total.toLocaleString("en")} ${words}`;
    slider.ariaValueText = words;
  };

  const say = () => {
    const words = one("#inspect [data-say]")?.dataset.say;
    if (words) one("#live").textContent = words;
  };

  const mark = (token) => {
    current?.classList.remove("cur");
    current = token;
    current?.classList.add("cur");
    one(".strip .here")?.classList.remove("here");
    if (current) one(`.strip a[href="#t${first + placeOf(current)}"]`)?.classList.add("here");
  };

  const keepAddress = (place) => {
    const address = new URL(location);
    address.searchParams.delete("t");
    if (place !== null) address.searchParams.set("t", place);
    address.hash = "";
    history.replaceState(history.state, "", address);
  };

  // The request belongs to the text, which stays: while one is under way, only the last one after it is made.
  const select = (token) => {
    if (!token) return false;
    const place = first + placeOf(token);
    mark(token);
    token.scrollIntoView({ block: "nearest" });
    inspector.classList.remove("preset");
    keepAddress(place);
    count();
    htmx.ajax("GET", text.dataset.src.replace("{t}", place), { source: text, target: inspector, swap: "innerHTML" });
    return true;
  };

  const step = (by) => select(current ? tokens[placeOf(current) + by] : tokens[0]);

  // From the current token on, also where that one is none of them; after the last comes the first.
  const stepUncertain = (by) => {
    const found = uncertain();
    if (!found.length) return false;
    const here = current ? placeOf(current) : by > 0 ? -1 : tokens.length;
    const ahead = found.filter((token) => (by > 0 ? placeOf(token) > here : placeOf(token) < here));
    return select(by > 0 ? ahead[0] ?? found[0] : ahead.at(-1) ?? found.at(-1));
  };

  const unselect = () => {
    mark(undefined);
    inspector.classList.add("preset");
    keepAddress(null);
    count();
  };

  const follow = (link) => {
    if (link.dataset.uncertain && isWhole) return stepUncertain(Number(link.dataset.uncertain));
    if ("unselect" in link.dataset) return unselect() ?? true;
    const place = (link.getAttribute("href") ?? "").match(/#t(\d+)$/)?.[1];
    return place !== undefined && select(tokens[place - first]);
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const token = event.target.closest(".tk section > *");
    const link = event.target.closest("a");
    if (token && !String(getSelection())) select(token);
    else if (link && link.closest(".lp") && follow(link)) event.preventDefault();
  });

  text.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
  });

  slider.addEventListener("input", () => {
    text.dataset.level = slider.value;
    count();
  });

  slider.addEventListener("change", () => {
    const address = new URL(location);
    address.searchParams.set("level", slider.value);
    history.replaceState(history.state, "", address);
  });

  inspector.addEventListener("htmx:afterSwap", say);

  const linked = location.hash.match(/^#t(\d+)$/)?.[1];
  if (linked !== undefined && !current) select(tokens[linked - first]);
  else current?.scrollIntoView({ block: "nearest" });
})();
