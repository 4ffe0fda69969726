// Extras. Every page works without this file: it adds keys, copy, find, theme and time zone to pages
// that the server renders whole. No eval and no inline handlers, so it runs under script-src 'self'.
//
// What the markup says to the script:
//   data-js hidden            a control that needs the script
//   data-copy="text"          copies the text; a value that begins with "/" is an address of this site
//   data-copy-from="#id"      copies the text of that element
//   data-tz="utc|local"       shows times in UTC or in the browser's zone
//   data-inputs-toggle        shows or hides the inputs in the list (aria-pressed)
//   data-theme-toggle         system, light, dark
//   data-help                 opens the help dialog
//   data-keys                 the checkbox that switches single keys off
//   data-key="m"              the key that presses this link or button
//   data-back                 the link that Esc follows
//   data-find                 the search field that filters the loaded rows
//   data-find-count           shows how many of them match
//   data-focus                gets the focus after a swap
//   data-quiet                its request shows no progress and no message when it fails
//   data-close                closes the toast it is in

(() => {
  "use strict";

  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (type, listener) => document.addEventListener(type, listener);

  // One polite live region for everything the script has to say. Emptied first: a live region that is
  // set to the words it already has stays silent.
  const say = (words) => {
    const live = one("#live");
    live.textContent = "";
    setTimeout(() => (live.textContent = words), 50);
  };


  // --- Settings: cookies, because the server renders by them. Nothing of the content is kept.

  const cookie = (name) =>
    document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

  const setCookie = (name, value) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? 31536000 : 0}; SameSite=Lax${secure}`;
  };

  // The server cannot know the zone of the first visit; from the next page on times are local.
  const keepTimeZone = () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && cookie("tz") !== zone) setCookie("tz", zone);
  };

  const chooseClock = (button) => {
    setCookie("clock", button.dataset.tz);
    location.reload();
  };

  const toggleInputs = (button) => {
    setCookie("inputs", button.getAttribute("aria-pressed") === "true" ? "off" : "");
    location.reload();
  };

  const nextTheme = (button) => {
    const theme = { light: "dark", dark: "" }[root.dataset.theme] ?? "light";
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    setCookie("theme", theme);
    const label = `Theme: ${theme || "follow system"}`;
    button.setAttribute("aria-label", label);
    button.title = label;
  };


  // --- Copy

  const textToCopy = ({ dataset }) => {
    if (dataset.copyFrom) return one(dataset.copyFrom).textContent;
    return dataset.copy.startsWith("/") ? location.origin + dataset.copy : dataset.copy;
  };

  // navigator.clipboard exists on https and loopback only; the old way works on any origin.
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
    if (!copied) throw new Error("copy refused");
  };

  const copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyBySelection(text);
    }
  };

  const copy = async (button) => {
    const word = await copyText(textToCopy(button)).then(() => "Copied", () => "Not copied");
    say(word);
    button.dataset.copied = word;
    setTimeout(() => delete button.dataset.copied, 1600);
  };


  // --- Toasts: at most three; each stays while it is hovered or focused

  const toasts = one("#toasts");
  const TOAST_LIMIT = 3;
  const TOAST_SECONDS = 15;
  let focusBeforeToast = null;

  const closeToast = (toast) => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) (one("[data-close]", toasts) ?? focusBeforeToast)?.focus();
  };

  const isHeld = (toast) => toast.matches(":hover, :focus-within");

  const closeLater = (toast) => {
    setTimeout(() => (isHeld(toast) ? closeLater(toast) : closeToast(toast)), TOAST_SECONDS * 1000);
  };

  // Watches the list, because toasts come from the server's answers as well as from this file.
  const watchToasts = () => {
    new MutationObserver((changes) => {
      const added = changes.flatMap((change) => [...change.addedNodes]);
      added.filter((node) => node instanceof Element).forEach(closeLater);
      while (toasts.children.length > TOAST_LIMIT) {
        closeToast([...toasts.children].find((toast) => !isHeld(toast)) ?? toasts.firstElementChild);
      }
    }).observe(toasts, { childList: true });

    toasts.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget && !toasts.contains(relatedTarget)) focusBeforeToast = relatedTarget;
    });
  };

  // Our own messages stand once, however often their reason comes back.
  const toast = (id) => {
    const message = one(`#${id}`).content.firstElementChild.cloneNode(true);
    message.dataset.message = id;
    one(`[data-message=${id}]`, toasts)?.remove();
    toasts.append(message);
  };


  // --- Requests of htmx: progress, messages, focus

  const BUSY_AFTER = 200; // ms; an answer that comes sooner shows no progress
  const running = new Set();
  let busyTimer = null;
  let leaving = false; // requests that end because the page is left are not failures

  const isQuiet = ({ detail }) => detail.elt.closest("[data-quiet]") !== null;

  const showProgress = () => {
    clearTimeout(busyTimer);
    if (running.size) busyTimer = setTimeout(() => root.classList.add("is-busy"), BUSY_AFTER);
    else root.classList.remove("is-busy");
  };

  let chipRemoved = false;

  const requestStarts = (event) => {
    chipRemoved ||= event.detail.elt.closest(".active") !== null;
    if (isQuiet(event)) return;
    const { xhr, target } = event.detail;
    running.add(xhr);
    target.setAttribute("aria-busy", "true");
    showProgress();
    // The end is read from the request itself: htmx tells it to an element that may be gone by then.
    xhr.addEventListener("loadend", () => {
      running.delete(xhr);
      target.removeAttribute("aria-busy");
      showProgress();
    });
  };

  const requestFails = (event, id) => {
    if (!isQuiet(event) && !leaving) toast(id);
  };

  // Our errors come as fragments that fit their place. A whole page, or text of something between us and
  // the server, fits nowhere: what is on the screen stays.
  const keepPlace = (event) => {
    const isFragment = /^\s*<(?!!doctype|html)/i.test(event.detail.serverResponse);
    if (!event.detail.isError || isFragment) return;
    event.detail.shouldSwap = false;
    requestFails(event, "failed");
  };

  // Keyboard users land on what the answer brought, not behind it; after a chip on the next chip, which
  // took its place, or on the first field.
  const focusNew = () => {
    const element = one("[data-focus]") ?? (chipRemoved ? one(".active a") ?? one("#model") : null);
    chipRemoved = false;
    if (!element) return;
    element.removeAttribute("data-focus");
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  };

  const showControls = () => all("[data-js]").forEach((control) => (control.hidden = false));


  // --- The rows of the list

  // A server that lost its place may send rows again, which the next answer cannot know. One row an id.
  const dropRepeatedRows = () => {
    const seen = new Set();
    const repeated = all("tr.row").filter(({ id }) => seen.size === seen.add(id).size);
    repeated.forEach((row) => row.remove());
    if (repeated.length) say(`${repeated.length} rows were here already`);
  };

  // Only rows that lead somewhere: an id that cannot stand in an address has no page.
  const shownRows = () => all("tr.row:not([hidden])").filter((row) => one("a.main", row));
  let lastRow = null; // where j and k go on when the focus has been elsewhere

  const currentRow = () => {
    const row = document.activeElement?.closest("tr.row") || lastRow;
    return row?.isConnected ? row : null;
  };

  const moveTo = (row) => {
    lastRow = row;
    one("a.main", row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const move = (step) => {
    const rows = shownRows();
    const next = Math.min(Math.max(rows.indexOf(currentRow()) + step, 0), rows.length - 1);
    if (rows.length) moveTo(rows[next]);
    return rows.length > 0;
  };

  const openRow = () => {
    const row = currentRow();
    if (row) one("a.main", row)?.click();
    return row !== null;
  };

  // What has a title lies above the link that covers the row, so that it shows on hover. A click on it
  // follows the row all the same, unless it is a link itself or ends a selection of text.
  const followRow = (titled, event) => {
    if (event.target.closest("a") || getSelection().toString()) return;
    const { ctrlKey, metaKey, shiftKey } = event;
    const click = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
    one("a.main", titled.closest("tr.row"))?.dispatchEvent(click);
  };

  // Find: hides the loaded rows that do not hold the words, and days without a row. No request.
  const filterRows = (words) => {
    let day = null;
    let shown = 0;
    const lines = all("tr.day, tr.row");
    for (const line of lines) {
      if (line.matches(".day")) {
        day = line;
        day.hidden = words !== "";
        continue;
      }
      line.hidden = !line.textContent.toLowerCase().includes(words);
      if (line.hidden) continue;
      shown += 1;
      if (day) day.hidden = false;
    }
    return [shown, lines.filter((line) => line.matches(".row")).length];
  };

  const findInRows = ({ quiet = false } = {}) => {
    const field = one("[data-find]");
    if (!field) return;
    const words = field.value.trim().toLowerCase();
    const [shown, loaded] = filterRows(words);
    field.placeholder = `Find in the ${loaded} loaded`;
    const count = one("[data-find-count]");
    if (count) count.textContent = words ? `${shown} of ${loaded}` : "";
    if (words && !quiet) say(`${shown} of the ${loaded} loaded rows match`);
  };

  const clearFind = (field) => {
    if (!field.value) return field.blur();
    field.value = "";
    findInRows();
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

  const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, dialog, audio, [contenteditable]";
  const help = one("#help");

  // Storage can be forbidden; then the keys work and the choice lasts for the page.
  let keysOn = true;

  const readKeys = () => {
    try {
      keysOn = localStorage.getItem("keys") !== "off";
    } catch {}
    one("[data-keys]").checked = keysOn;
  };

  const switchKeys = (box) => {
    keysOn = box.checked;
    try {
      localStorage.setItem("keys", keysOn ? "on" : "off");
    } catch {}
  };

  // Going back restores rows and place; the link is for whoever did not come from that list.
  const goBack = (link) => {
    if (document.referrer === link.href && !location.hash) history.back();
    else link.click();
  };

  const focusFind = () => {
    const field = one("[data-find]");
    field?.focus();
    field?.select();
    return field !== null;
  };

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
    return element !== null;
  };

  const escape = (event) => {
    const field = event.target.closest("[data-find]");
    const toastHere = event.target.closest(".toast");
    const back = one("[data-back]");
    if (field) clearFind(field);
    else if (openMenus().length) closeMenus();
    else if (toastHere) closeToast(toastHere);
    else if (back && !event.target.closest(TYPING)) goBack(back);
    else return;
    event.preventDefault();
  };

  const keyDown = (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (key === "Escape" && !target.closest("dialog")) return escape(event);
    if (key === "Enter" && target.matches("[data-find]")) {
      event.preventDefault(); // it must not send the filter form that it stands in
      if (shownRows().length) moveTo(shownRows()[0]);
      return;
    }
    if (!keysOn || target.closest(TYPING)) return;
    if ((keys[key] ?? press)(key)) event.preventDefault();
  };


  // --- After a swap. One answer may settle many elements, each with its own event: the work is done
  // once, after the last of them.

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


  // --- Wiring: one listener a kind of event, on the document, so that swapped-in parts need none

  const clicks = {
    "[data-copy], [data-copy-from]": copy,
    "[data-tz]": chooseClock,
    "[data-inputs-toggle]": toggleInputs,
    "[data-theme-toggle]": nextTheme,
    "[data-help]": openHelp,
    "[data-close]": (button) => closeToast(button.closest(".toast")),
    "tr.row [title]": followRow,
  };

  on("click", (event) => {
    closeMenus(event.target);
    if (event.target === help) help.close(); // the backdrop
    for (const [selector, act] of Object.entries(clicks)) {
      const element = event.target.closest(selector);
      if (element) act(element, event);
    }
  });

  on("change", ({ target }) => target.matches("[data-keys]") && switchKeys(target));
  on("input", ({ target }) => target.matches("[data-find]") && findInRows());
  on("keydown", keyDown);

  on("htmx:beforeSend", requestStarts);
  on("htmx:sendError", (event) => requestFails(event, "offline"));
  on("htmx:beforeSwap", keepPlace);
  on("htmx:timeout", (event) => requestFails(event, "timeout"));
  on("htmx:afterSettle", swapDone);

  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => {
    leaving = false;
    findInRows({ quiet: true }); // the browser may bring back the words of the field
  });

  keepTimeZone();
  readKeys();
  watchToasts();
  showControls();
})();
