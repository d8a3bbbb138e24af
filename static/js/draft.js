// The form of a draft: saved while somebody types, kept on the device while there is no network.
// Without this file the form is saved by its buttons.
const WAIT = 1200; // milliseconds after the last key
const AGAIN = 15000; // milliseconds until a save that failed is tried again

const debounced = (work, wait) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
};

// --- Similar ones, while a title is typed -------------------------------------------------------

for (const form of document.querySelectorAll("form[data-similar-url]")) {
  const title = form.querySelector("input[name=title]");
  if (!title || !form.dataset.similarUrl) continue;
  let place = form.querySelector("[data-similar-place]");
  if (!place) {
    place = document.createElement("div");
    title.closest("[data-answer]").after(place);
  }
  let asked = title.value;
  const ask = async () => {
    if (title.value === asked) return;
    asked = title.value;
    const url = new URL(form.dataset.similarUrl, location);
    url.searchParams.set("title", asked);
    const language = form.querySelector("input[name=language]:checked");
    if (language) url.searchParams.set("language", language.value);
    try {
      const answer = await fetch(url);
      if (answer.ok && !answer.redirected && title.value === asked) {
        place.innerHTML = await answer.text();
      }
    } catch {
      // No network: nothing is shown.
    }
  };
  title.addEventListener("input", debounced(ask, 500));
}

const form = document.querySelector("form[data-draft]");
if (form) begin(form);

function begin(form) {
  const words = form.dataset;
  const status = form.querySelector("[data-save-status]");
  const seen = form.elements.seen;
  const store = `draft:${words.draft}`;
  const leave = (name) => ["csrfmiddlewaretoken", "row_action", "then"].includes(name);
  // Both texts are shown, and the person chooses: nothing is saved before a button is pressed.
  const chooses = form.querySelector("[name=decided]") !== null;

  // --- Counters ---------------------------------------------------------------------------------

  const count = (input) => {
    const place = input.closest("[data-answer]")?.querySelector("[data-count]");
    if (!place || !input.dataset.limit) return;
    const left = Number(input.dataset.limit) - [...input.value.trim()].length;
    place.textContent = `${Math.abs(left)} ${left < 0 ? words.wordsOver : words.wordsLeft}`;
    place.classList.toggle("answer__limit--over", left < 0);
  };
  const countAll = () => form.querySelectorAll("[data-limit]").forEach(count);

  // --- Rows -------------------------------------------------------------------------------------

  const rowsOf = (group) => [...group.querySelectorAll("[data-row]")];
  const renumber = (group) => {
    const sort = group.dataset.rows;
    const rows = rowsOf(group);
    const pattern = new RegExp(`\\b${sort}-(\\d+|__place__)(?=-)`, "g");
    rows.forEach((row, place) => {
      for (const one of row.querySelectorAll("[name], [id], [for], [aria-describedby], [data-answer]")) {
        for (const name of ["name", "id", "for", "aria-describedby", "data-answer"]) {
          const value = one.getAttribute(name);
          if (value) one.setAttribute(name, value.replace(pattern, `${sort}-${place}`));
        }
      }
      for (const button of row.querySelectorAll("button[name=row_action]")) {
        button.value = button.value.replace(/:(\d+|__place__)$/, `:${place}`);
      }
      const title = row.querySelector("[data-row-title]");
      title.textContent = title.textContent.replace(/\d+/, place + 1);
      row.setAttribute("aria-label", title.textContent);
      row.querySelector("[data-row-up]").hidden = place === 0;
      row.querySelector("[data-row-down]").hidden = place === rows.length - 1;
    });
    group.querySelector("[data-rows-count]").value = rows.length;
    const add = group.querySelector("[data-row-add]");
    if (add) add.hidden = rows.length >= Number(group.dataset.rowsMost);
  };
  const addRow = (group) => {
    const template = group.querySelector("[data-row-template]");
    group.querySelector("[data-rows-list]").append(template.content.cloneNode(true));
    renumber(group);
    const row = rowsOf(group).at(-1);
    row.querySelectorAll("[data-limit]").forEach(count);
    return row;
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=row_action]");
    if (!button) return;
    event.preventDefault();
    const group = button.closest("[data-rows]");
    const row = button.closest("[data-row]");
    if ("rowAdd" in button.dataset) {
      addRow(group).querySelector("input:not([type=hidden]), textarea, select")?.focus();
    } else if ("rowRemove" in button.dataset) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      renumber(group);
      (next?.querySelector("[data-row-remove]") ?? group.querySelector("[data-row-add]"))?.focus();
    } else {
      if ("rowUp" in button.dataset) row.previousElementSibling.before(row);
      else row.nextElementSibling.after(row);
      renumber(group);
      (button.hidden ? row.querySelector("[data-row-remove]") : button).focus();
    }
    changed();
  });

  // --- Kept on the device -----------------------------------------------------------------------

  const entries = () =>
    [...new FormData(form)].filter(([name, value]) => !leave(name) && typeof value === "string");
  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(store));
    } catch {
      return null;
    }
  };
  const keepHere = () => {
    // Until it is chosen, what the others wrote counts as not seen: it is shown again.
    const before = chooses ? (kept()?.seen ?? "{}") : seen.value;
    try {
      localStorage.setItem(store, JSON.stringify({ seen: before, entries: entries() }));
    } catch {
      // The device keeps nothing for sites, or has no room.
    }
  };
  const forget = () => {
    try {
      localStorage.removeItem(store);
    } catch {
      // As above.
    }
  };
  const putBack = () => {
    const found = kept();
    if (chooses) return;
    if (!found?.entries || JSON.stringify(found.entries) === JSON.stringify(entries())) return forget();
    const values = new Map();
    for (const [name, value] of found.entries) values.set(name, [...(values.get(name) ?? []), value]);
    for (const group of form.querySelectorAll("[data-rows]")) {
      const wanted = Number(values.get(`${group.dataset.rows}-count`)?.[0] ?? 0);
      while (rowsOf(group).length < wanted && group.querySelector("[data-row-template]")) addRow(group);
      rowsOf(group).slice(wanted).forEach((row) => row.remove());
      renumber(group);
    }
    for (const input of form.elements) {
      if (!input.name || leave(input.name)) continue;
      const value = values.get(input.name) ?? [];
      if (["checkbox", "radio"].includes(input.type)) input.checked = value.includes(input.value);
      else if (value.length) input.value = value[0];
    }
    seen.value = found.seen; // so that what others wrote meanwhile is shown, not written over
    say(words.wordsFound);
    version += 1;
    save();
  };

  // --- Saving -----------------------------------------------------------------------------------

  let saving = false;
  let waiting = false;
  let version = chooses ? 1 : 0; // of what stands in the form
  let sent = 0; // the version that the site has
  let pressed = null; // the button that waits until all is sent
  let leaving = false;
  const leaveBy = (button) => {
    leaving = true;
    form.requestSubmit(button);
  };
  const say = (text, ...more) => {
    status.replaceChildren(text, ...more);
  };
  const showErrors = (errors) => {
    for (const answer of form.querySelectorAll("[data-answer]")) {
      const place = answer.querySelector("[data-error]");
      if (!place) continue;
      const text = errors[answer.dataset.answer];
      place.hidden = !text;
      place.querySelector("span").textContent = text ?? "";
    }
  };
  const endedSession = () => {
    const link = document.createElement("a");
    link.href = words.loginUrl;
    link.textContent = words.wordsLoginLink;
    say(`${words.wordsLogin}. `, link);
  };
  async function save() {
    if (chooses && !pressed) return;
    if (saving) {
      waiting = true;
      return;
    }
    saving = true;
    const mine = version;
    say(words.wordsSaving);
    try {
      const body = new URLSearchParams(entries());
      body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      const answer = await fetch(location.pathname, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
      if (answer.redirected || answer.status === 403) {
        endedSession();
      } else if (answer.ok) {
        const told = await answer.json();
        if (told.moved) {
          location.assign(told.moved);
          return;
        }
        if (told.differing.length) {
          leaveBy(form.querySelector("button[value=stay]")); // shows both texts
          return;
        }
        seen.value = told.seen;
        sent = mine;
        showErrors(told.errors);
        const refused = Object.keys(told.errors).length > 0;
        if (mine === version && !refused) forget();
        else keepHere();
        say(`${refused ? words.wordsRefused : words.wordsSaved} ${told.saved}`);
        if (pressed && mine === version) leaveBy(pressed);
      } else if (answer.status < 500) {
        say(answer.status === 404 ? words.wordsGone : words.wordsFailed);
      } else {
        throw new Error(answer.status);
      }
      if (sent !== version && !waiting) pressed = null;
    } catch {
      pressed = null;
      say(words.wordsOffline);
      setTimeout(() => sent !== version && save(), AGAIN);
    } finally {
      saving = false;
      if (waiting) {
        waiting = false;
        save();
      }
    }
  }
  const soon = debounced(save, WAIT);
  function changed() {
    version += 1;
    keepHere();
    soon();
  }
  form.addEventListener("input", (event) => {
    count(event.target);
    changed();
  });
  form.addEventListener("change", changed);
  addEventListener("online", save);
  // A page that is left is sent before: without a network it stays, and its text with it.
  form.addEventListener("submit", (event) => {
    if (leaving || sent === version) return;
    event.preventDefault();
    pressed = event.submitter;
    save();
  });
  addEventListener("pageshow", () => (leaving = false));

  // --- Files that came -------------------------------------------------------------------------

  document.addEventListener("uploaded", (event) => {
    const { rows, key, name, address, seen: now } = event.detail;
    const group = form.querySelector(`[data-rows="${rows}"]`);
    if (!group) return;
    const row = addRow(group);
    row.querySelector("input[name$='-row']").value = key;
    const link = row.querySelector("[data-file]");
    link.hidden = false;
    link.querySelector("a").href = address;
    link.querySelector("bdi").textContent = name;
    const photo = row.querySelector("[data-photo]");
    if (photo) {
      photo.hidden = false;
      photo.querySelector("img").src = `${address}?small=1`;
    }
    const titled = row.querySelector("input[name$='-title']");
    if (titled && !titled.value) titled.value = name.replace(/\.[^.]+$/, "");
    seen.value = JSON.stringify({ ...JSON.parse(seen.value), ...now });
    changed();
  });

  countAll();
  putBack();
}
