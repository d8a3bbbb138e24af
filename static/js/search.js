// Suggestions while typing, and searches that a reader keeps. The search works without this file.
const WAIT = 200; // milliseconds after the last key
const KEPT = "kept-searches";
const MOST_KEPT = 20;

// --- Suggestions: a combobox with a list, as WAI-ARIA's authoring practices describe it ----------

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  list.hidden = true;
  input.closest(".search-form__row").append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  let timer;
  let asked = "";

  const open = () => {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const choose = (option) => {
    for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose();
  };
  const show = (suggestions) => {
    list.replaceChildren(
      ...suggestions.map((one, number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.path = one.path;
        const text = document.createElement("span");
        text.lang = one.lang;
        text.dir = one.dir;
        text.textContent = one.text;
        option.append(text);
        if (one.kind) {
          const kind = document.createElement("span");
          kind.className = "suggestions__kind";
          kind.textContent = one.kind;
          option.append(kind);
        }
        return option;
      }),
    );
    input.removeAttribute("aria-activedescendant");
    if (suggestions.length && document.activeElement === input) open();
    else close();
  };
  const ask = async () => {
    const typed = input.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (typed.length < 2) return show([]);
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      const { suggestions } = await answer.json();
      if (asked === typed) show(suggestions);
    } catch {
      asked = ""; // the line is gone: the form still works when it is back
      show([]);
    }
  };

  input.addEventListener("input", () => {
    choose(); // what is typed now is meant, not what was chosen of the words before
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const options = [...list.children];
    if (event.key === "ArrowDown" && options.length && input.value.trim() === asked) open();
    const current = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && !list.hidden && current >= 0) {
      event.preventDefault();
      location.assign(options[current].dataset.path);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && !list.hidden) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than options: the field itself stands between the last and the first.
      const next = (current + 1 + step + options.length + 1) % (options.length + 1);
      choose(options[next - 1]);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.path);
  });
  input.addEventListener("blur", close);
}

// --- Kept searches: in this browser's storage, nowhere else --------------------------------------

const saved = document.querySelector("[data-saved]");
if (saved) {
  const button = saved.querySelector("[data-save]");
  const details = saved.querySelector("details");
  const list = details.querySelector("ul");
  const label = button?.textContent;
  const here = location.pathname + location.search;
  const read = () => {
    try {
      return [...JSON.parse(localStorage.getItem(KEPT) ?? "[]")];
    } catch {
      return []; // storage is closed, or holds something else
    }
  };
  const write = (searches) => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(searches.slice(0, MOST_KEPT)));
    } catch {
      button?.remove();
    }
    draw();
  };
  const draw = () => {
    const searches = read();
    details.hidden = searches.length === 0;
    if (button) {
      button.disabled = searches.some((one) => one.path === here);
      button.textContent = button.disabled ? button.dataset.done : label;
    }
    list.replaceChildren(
      ...searches.map((one) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = one.path;
        link.dir = "auto";
        link.textContent = one.text;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = list.dataset.remove;
        remove.addEventListener("click", () => {
          write(read().filter((other) => other.path !== one.path));
          // The button that had the focus is gone.
          (details.hidden ? button : details.querySelector("summary"))?.focus();
        });
        item.append(link, " ", remove);
        return item;
      }),
    );
  };
  saved.hidden = false;
  button?.addEventListener("click", () => {
    const others = read().filter((one) => one.path !== here);
    write([{ text: button.dataset.save, path: here }, ...others]);
  });
  draw();
}
