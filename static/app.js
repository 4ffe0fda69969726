// Extras: keys, copy, find, theme and time zone for pages that the server renders whole and that work
// without this file. No eval and no inline handlers: it runs under script-src 'self'.
// What the markup says to it by data- attributes is listed in CONTRIBUTING.md.

(() => {
  "use strict";

  const root = document.documentElement;
  // A page that a share link shows: no cookie is read or set, and there are no single keys, as nothing switches them off.
  const isPublic = "public" in root.dataset;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (type, listener) => document.addEventListener(type, listener);

  // Emptied first: a live region that is set to the words it already has stays silent.
  const say = (words) => {
    const live = one("#live");
    live.textContent = "";
    setTimeout(() => (live.textContent = words), 50);
  };


  // --- Settings are cookies: the server renders by them. Nothing of the content is kept.

  const cookie = (name) =>
    isPublic ? "" : (document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");

  const setCookie = (name, value, seconds = 31536000) => {
    if (isPublic) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? seconds : 0}; SameSite=Lax${secure}`;
  };

  // The server cannot know the zone of the first visit; from the next page on times are local. To ask the
  // browser costs it 25 ms: so not before the page stands, and twice a day.
  const keepTimeZone = () => {
    if (!cookie("tz")) setCookie("tz", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", 43200);
  };

  const set = ({ dataset }) => {
    setCookie(...dataset.set.split("="));
    location.reload();
  };


  const nextTheme = (button) => {
    const theme = { light: "dark", dark: "" }[root.dataset.theme] ?? "light";
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    setCookie("theme", theme);
    button.ariaLabel = button.title = `Theme: ${theme || "follow system"}`;
  };


  // --- Copy

  const textToCopy = async ({ dataset }) => {
    if (dataset.copyFrom) return one(dataset.copyFrom).textContent;
    if (dataset.copySrc) {
      const answer = await fetch(dataset.copySrc);
      return answer.ok ? answer.text() : Promise.reject();
    }
    return dataset.copy.startsWith("/") ? location.origin + dataset.copy : dataset.copy;
  };

  // navigator.clipboard exists on https and loopback only.
  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    const before = document.activeElement;
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    before?.focus({ preventScroll: true });
    return copied;
  };

  // The clipboard gets a promise: once the text is here, the click may be too long ago for the browser.
  const write = async (text) => {
    try {
      const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return true;
    } catch {
      return text.then(copyBySelection, () => false);
    }
  };

  const copy = async (button, event) => {
    event.preventDefault(); // as a link it would open what is to be copied
    const word = (await write(textToCopy(button))) ? "Copied" : "Not copied";
    say(word);
    button.dataset.copied = word;
    setTimeout(() => delete button.dataset.copied, 1600);
  };


  // --- Toasts: at most three, for 15 seconds; each stays while it is hovered or focused

  const toasts = one("#toasts");
  let focusBeforeToast = null;

  const closeToast = (toast) => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) (one("[data-close]", toasts) ?? focusBeforeToast)?.focus();
  };

  const isHeld = (toast) => toast.matches(":hover, :focus-within");

  const closeLater = (toast) => {
    setTimeout(() => (isHeld(toast) ? closeLater : closeToast)(toast), 15_000);
  };

  // They come from the server's answers as well as from this file.
  const watchToasts = () => {
    new MutationObserver((changes) => {
      const added = changes.flatMap((change) => [...change.addedNodes]);
      added.filter((node) => node instanceof Element).forEach(closeLater);
      while (toasts.children.length > 3) {
        closeToast([...toasts.children].find((toast) => !isHeld(toast)) ?? toasts.firstElementChild);
      }
    }).observe(toasts, { childList: true });

    toasts.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget && !toasts.contains(relatedTarget)) focusBeforeToast = relatedTarget;
    });
  };

  // Our own stand once, however often they come.
  const toast = (id) => {
    const message = one(`#${id}`).content.firstElementChild.cloneNode(true);
    message.id = `${id}-toast`;
    one(`#${message.id}`)?.remove();
    toasts.append(message);
  };


  // --- Requests of htmx: progress, messages, focus

  let running = 0;
  let leaving = false; // requests that end because the page is left are not failures
  let chipRemoved = false;

  const isQuiet = ({ detail }) => detail.elt.matches("[data-quiet]");

  const showProgress = (change) => root.classList.toggle("is-busy", (running += change) > 0);

  const requestStarts = (event) => {
    const { elt, xhr, target } = event.detail;
    chipRemoved ||= elt.closest(".active");
    if (isQuiet(event)) return;
    target.ariaBusy = "true";
    showProgress(1);
    // The end is read from the request itself: htmx tells it to an element that may be gone by then.
    xhr.addEventListener("loadend", () => {
      target.ariaBusy = null;
      showProgress(-1);
    });
  };

  const requestFails = (event, id) => {
    if (!isQuiet(event) && !leaving) toast(id);
  };

  // Our errors are fragments that fit their place. Anything else, such as the page of a proxy, fits nowhere:
  // what is on the screen stays.
  const keepPlace = (event) => {
    const isFragment = /^\s*<(?!!doctype|html)/i.test(event.detail.serverResponse);
    if (!event.detail.isError || (isFragment && !isQuiet(event))) return;
    event.detail.shouldSwap = false;
    requestFails(event, "failed");
  };

  // An answer replaces the waiting input that asked. If that is still there, its batch got none, whatever
  // went wrong.
  const endWait = ({ detail: { elt, requestConfig } }) => {
    if (leaving || !elt.matches(".wait")) return;
    const title = "The input could not be fetched; open the completion to see it";
    for (const id of new URL(requestConfig.path, location).searchParams.getAll("id")) {
      const wait = one(`[id="row-${id}"] .wait`);
      if (wait) Object.assign(wait, { className: "muted", textContent: "–", title });
    }
  };

  const focusOn = (element) => {
    element.focus({ preventScroll: true });
    (element.closest("tr.row") ?? element).scrollIntoView({ block: "nearest" });
  };

  // Keyboard users land on what the answer brought; after a chip on the next chip, or on the first field.
  const focusNew = () => {
    const element = one("[data-focus]") ?? (chipRemoved ? one(".active a") ?? one("#model") : null);
    chipRemoved = false;
    if (!element) return;
    element.removeAttribute("data-focus");
    focusOn(element);
  };

  const showControls = () => all("[data-js]").forEach((control) => (control.hidden = false));


  // --- The rows of the list

  let idsBefore = null; // of the rows above those that "load more" is about to append

  const rememberRows = ({ detail }) => {
    if (detail.target.id === "more") idsBefore = all("tr.row").map(({ id }) => id);
  };

  // A row that goes leaves the request for the inputs of its batch to the next one.
  const drop = (row) => {
    const waits = all(".wait");
    const asks = one(".wait[hx-get]", row);
    const next = waits[waits.indexOf(asks) + 1];
    if (asks && !next?.hasAttribute("hx-get")) next?.replaceWith(asks);
    row.remove();
  };

  // A server that lost its place may send rows again, which the answer to "load more" cannot know.
  const dropRepeatedRows = () => {
    const before = idsBefore;
    if (!before) return;
    idsBefore = null;
    const repeated = all("tr.row").slice(before.length).filter(({ id }) => id && before.includes(id));
    repeated.forEach(drop);
    if (repeated.length) say(`${repeated.length} rows were here already`);
  };

  // Only rows that lead somewhere.
  const shownRows = () => all("tr.row:not([hidden])").filter((row) => one("a.main", row));
  let lastRow = null; // where j and k go on when the focus has been elsewhere

  const currentRow = () => {
    const row = document.activeElement?.closest("tr.row") || lastRow;
    return row?.isConnected && row;
  };

  const moveTo = (row) => {
    lastRow = row;
    focusOn(one("a.main", row));
  };

  const move = (step) => {
    const rows = shownRows();
    const row = rows[Math.max(rows.indexOf(one("tr.row.on") ?? currentRow()) + step, 0)] ?? rows.at(-1);
    if (row) isPeeking() ? peek(row, "1") : moveTo(row);
    return row;
  };

  const openRow = () => {
    const row = currentRow();
    if (row) one("a.main", row)?.click();
    return row;
  };


  // --- The side panel: a row in short, beside the list. Its address is that of the list, with "peek".

  const panel = one("#panel");
  const isPeeking = () => panel?.childElementCount > 0;

  const mark = (row) => {
    one("tr.row.on a.main")?.removeAttribute("aria-current");
    one("tr.row.on")?.classList.remove("on");
    row?.classList.add("on");
    if (row) one("a.main", row).ariaCurrent = "true";
  };

  // Ten rows in a row are one step back: all but the first replace the address.
  const peek = (row, follow = "") => {
    const address = new URL(one("a.main", row).href);
    address.pathname += "panel/";
    address.search = location.search;
    address.searchParams.delete("peek");
    if (follow) address.searchParams.set("follow", follow);
    lastRow = row;
    row.scrollIntoView({ block: "nearest" });
    mark(row);
    htmx.ajax("GET", address.pathname + address.search, { source: panel, target: panel, swap: "innerHTML" });
  };

  // A plain click opens the panel; in the row that it shows already, the page.
  const peekOrOpen = (link, event) => {
    const row = link.closest("tr.row");
    if (!panel || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (isPeeking() && row.matches(".on")) return;
    event.preventDefault();
    peek(row, isPeeking() ? "1" : "");
  };

  const emptyPanel = () => {
    panel.replaceChildren();
    mark(null);
  };

  const closePanel = (link, event) => {
    event.preventDefault();
    const row = one("tr.row.on");
    const address = new URL(location);
    address.searchParams.delete("peek");
    history.replaceState(history.state, "", address);
    emptyPanel();
    if (row) moveTo(row);
  };

  // What "load more" brings keeps the panel in the address; another list begins without one.
  const carryPeek = ({ detail: { target, parameters } }) => {
    if (target.id === "more") parameters.peek = new URLSearchParams(location.search).get("peek") ?? "";
  };

  const leavePanel = ({ detail }) => {
    if (detail.target.id === "results" && isPeeking()) emptyPanel();
  };


  // What has a title lies above the link that covers the row. A click on it follows the row all the same,
  // unless it is a link itself or ends a selection of text.
  const followRow = (titled, event) => {
    if (event.target.closest("a") || getSelection().toString()) return;
    const { ctrlKey, metaKey, shiftKey } = event;
    const click = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
    one("a.main", titled.closest("tr.row"))?.dispatchEvent(click);
  };

  // Find hides the loaded rows that do not hold the words, and days without a row. No request.
  const filterRows = (words) => {
    let day = null;
    for (const line of all("tr.day, tr.row")) {
      const isDay = line.matches(".day");
      if (isDay) day = line;
      line.hidden = isDay ? words !== "" : !line.textContent.toLowerCase().includes(words);
      if (day && !line.hidden) day.hidden = false;
    }
    return [all("tr.row:not([hidden])").length, all("tr.row").length];
  };

  // Above "load more", which may bring a row that matches.
  const showNoMatch = (sentence) => {
    one(".no-match")?.remove();
    if (!sentence) return;
    one("#more td").prepend(one("#no-match").content.cloneNode(true));
    one(".no-match > span").textContent = sentence;
  };

  const findInRows = ({ quiet = false } = {}) => {
    const field = one("[data-find]");
    if (!field) return;
    const words = field.value.trim().toLowerCase();
    const [shown, loaded] = filterRows(words);
    const sentence = `${shown || "None"} of the ${loaded} loaded rows match`;
    field.placeholder = `Find in the ${loaded} loaded`;
    one("[data-find-count]").textContent = words ? `${shown} of ${loaded}` : "";
    showNoMatch(loaded && !shown ? `${sentence}.` : "");
    if (words && !quiet) say(sentence);
  };

  const focusFind = () => {
    const field = one("[data-find]");
    field?.focus();
    field?.select();
    return field;
  };

  const clearFind = () => {
    one("[data-find]").value = "";
    findInRows();
    focusFind();
  };


  // --- Back to the list

  // The link leads to the list that this page was opened from, with its filter and its loaded pages.
  const keepList = () => {
    const link = one("[data-back]");
    const [list] = document.referrer.split("?");
    if (link && list === link.origin + link.pathname) link.href = document.referrer;
  };

  // Going back restores the place as well; not in a tab of its own, or after a jump to a message.
  const goBack = (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.href !== document.referrer || history.length === 1 || location.hash) return;
    event.preventDefault();
    history.back();
  };


  // --- Menus

  const openMenus = () => all("details.menu[open]");

  const closeMenus = (except) =>
    openMenus().forEach((menu) => {
      if (menu.contains(except)) return;
      if (menu.contains(document.activeElement)) one("summary", menu).focus();
      menu.open = false;
    });


  // --- Keys. Single keys can be switched off in the help dialog (WCAG 2.1.4).

  const TYPING = "input:not([type=checkbox]), select, textarea, dialog, audio";
  const help = one("#help");

  const readKeys = () => {
    if (!isPublic) one("[data-keys]").checked = cookie("keys") !== "off";
  };
  const switchKeys = (box) => setCookie("keys", box.checked ? "" : "off");

  const openHelp = () => {
    help.showModal();
    return true;
  };

  // Each tells whether it found something to do; if not, the key is left to the browser.
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    o: openRow,
    "/": focusFind,
    "?": openHelp,
  };

  const press = (key) => {
    const element = one(`[data-key="${CSS.escape(key)}"]:not([hidden])`);
    element?.click();
    return element;
  };

  const escape = (event) => {
    const { target } = event;
    const back = one("[data-back]");
    if (target.matches("[data-find]")) target.value ? clearFind() : target.blur();
    else if (openMenus().length) closeMenus();
    else if (target.closest(".toast")) closeToast(target.closest(".toast"));
    else if (isPeeking() && !target.closest(TYPING)) closePanel(null, event);
    else if (back && !target.closest(TYPING)) back.click();
    else return;
    event.preventDefault();
  };

  const keyDown = (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (key === "Escape" && !target.closest("dialog")) return escape(event);
    if (key === "Enter" && target.matches("[data-find]")) {
      event.preventDefault(); // or it would send the filter form
      if (shownRows().length) moveTo(shownRows()[0]);
      return;
    }
    if (!one("[data-keys]")?.checked || target.closest(TYPING)) return;
    if (keys[key]?.() || press(key)) event.preventDefault();
  };


  // --- After a swap. Once, though each element that an answer settles has its own event.

  let swapPending = false;

  const swapDone = () => {
    if (swapPending) return;
    swapPending = true;
    queueMicrotask(() => {
      swapPending = false;
      showControls();
      dropRepeatedRows();
      findInRows({ quiet: true });
      focusNew();
    });
  };


  // --- Wiring, on the document, so that swapped-in parts need none

  const clicks = {
    "[data-copy], [data-copy-from], [data-copy-src]": copy,
    "[data-set]": set,
    "[data-theme-toggle]": nextTheme,
    "[data-help]": openHelp,
    "[data-back]": goBack,
    "[data-find-clear]": clearFind,
    "[data-close]": (button) => closeToast(button.closest(".toast")),
    "tr.row [title]": followRow,
    "tr.row a.main": peekOrOpen,
    "[data-panel-step]": ({ dataset }) => move(Number(dataset.panelStep)),
    "[data-panel-close]": closePanel,
  };

  on("click", (event) => {
    closeMenus(event.target);
    if (event.target === help) help.close(); // the backdrop
    for (const selector in clicks) {
      const element = event.target.closest(selector);
      if (element) clicks[selector](element, event);
    }
  });

  on("change", ({ target }) => target.matches("[data-keys]") && switchKeys(target));
  on("input", ({ target }) => target.matches("[data-find]") && findInRows());
  on("keydown", keyDown);

  on("htmx:configRequest", carryPeek);
  on("htmx:beforeSend", requestStarts);
  on("htmx:sendError", (event) => requestFails(event, "offline"));
  on("htmx:beforeSwap", keepPlace);
  on("htmx:beforeSwap", rememberRows);
  on("htmx:beforeSwap", leavePanel);
  on("htmx:afterRequest", endWait);
  on("htmx:timeout", (event) => requestFails(event, "timeout"));
  on("htmx:afterSettle", swapDone);

  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => {
    leaving = false;
    findInRows({ quiet: true }); // the browser may bring back the words of the field
  });

  if (isPublic) sessionStorage.removeItem("htmx-current-path-for-history"); // its address is a secret
  (window.requestIdleCallback ?? setTimeout)(keepTimeZone);
  keepList();
  readKeys();
  watchToasts();
  showControls();
})();
