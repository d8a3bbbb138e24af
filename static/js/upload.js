// Files are sent in parts over lines that break: the tus protocol 1.0.0 (core/uploads/protocol.py).
// Without this file the form sends them at once, by its button.
const PART = 512 * 1024; // bytes
const AGAIN = 5000; // milliseconds until a line that broke is tried again
const PATIENCE = 120000; // milliseconds for a part: a line that hangs does not say so
const KEPT = 48 * 60 * 60 * 1000; // milliseconds; the site forgets then what has not come whole

class Refused extends Error {}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const random = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

// Kept on the device, so that the same file goes on after a reload.
const recall = (store) => {
  try {
    return JSON.parse(localStorage.getItem(store)) ?? {};
  } catch {
    return {};
  }
};
const remember = (store, value) => {
  try {
    if (value) localStorage.setItem(store, JSON.stringify({ ...value, at: Date.now() }));
    else localStorage.removeItem(store);
    for (const old of Object.keys(localStorage).filter((one) => one.startsWith("upload:"))) {
      if (!(recall(old).at > Date.now() - KEPT)) localStorage.removeItem(old);
    }
  } catch {
    // The device keeps nothing for sites, or has no room.
  }
};

// Send one file; `sending` stops it. Gives what the site answers when it has come.
async function send(file, sending, { url, token, words, come, say }) {
  const store = `upload:${url}:${file.name}:${file.size}:${file.lastModified}`;
  let { location, once = random() } = recall(store);
  let offset = null; // not known: it is asked for before anything is sent
  let announced = false;

  // An Error is what may go better later: no line, or a site that is down.
  const ask = async (method, address, headers = {}, body = undefined) => {
    const controller = new AbortController();
    sending.stop = () => controller.abort();
    const timer = setTimeout(sending.stop, PATIENCE);
    try {
      const answer = await fetch(address, {
        method, body, signal: controller.signal, redirect: "manual",
        headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, ...headers },
      });
      const loggedOut = answer.type === "opaqueredirect" || answer.status === 403;
      if (loggedOut) throw new Refused(words.wordsSession);
      if (answer.status >= 500) throw new Error(answer.status);
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      const told = json && method !== "HEAD" ? await answer.json() : null;
      if (told?.error) throw new Refused(told.error);
      return { status: answer.status, told, header: (name) => answer.headers.get(name) };
    } finally {
      clearTimeout(timer);
    }
  };
  const announce = async () => {
    remember(store, { once }); // announced twice under this name, it is one
    const answer = await ask("POST", url, {
      "Upload-Length": file.size,
      "Upload-Metadata": `filename ${base64(file.name)},once ${base64(once)}`,
    });
    if (answer.status !== 201) throw new Refused(words.wordsFailed);
    location = answer.header("Location");
    offset = 0;
    announced = true;
    remember(store, { location });
  };
  const find = async () => {
    const answer = await ask("HEAD", location);
    if (answer.status === 200) return come((offset = Number(answer.header("Upload-Offset"))));
    if (announced) throw new Refused(words.wordsFailed);
    location = null; // one of another day, which the site has forgotten
    once = random();
  };
  const sendPart = async () => {
    const part = await file.slice(offset, offset + PART).arrayBuffer().catch(() => {
      throw new Refused(words.wordsUnreadable);
    });
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset };
    const answer = await ask("PATCH", location, headers, part);
    if (answer.told) return answer.told;
    if (![204, 404, 409].includes(answer.status)) throw new Refused(words.wordsFailed);
    if (answer.status === 204) come((offset = Number(answer.header("Upload-Offset"))));
    else offset = null;
    return null;
  };
  const line = () => new Promise((goOn) => {
    sending.stop = goOn;
    setTimeout(goOn, AGAIN);
    addEventListener("online", goOn, { once: true });
  });

  for (;;) {
    try {
      if (sending.cancelled) throw new Refused(words.wordsCancelled);
      if (!location) await announce();
      else if (offset === null) await find();
      else {
        const told = await sendPart();
        if (!told) continue;
        remember(store);
        return told;
      }
    } catch (error) {
      if (sending.cancelled) {
        remember(store);
        if (location) ask("DELETE", location).catch(() => {}); // else it is cleared in two days
        throw new Refused(words.wordsCancelled);
      }
      if (error instanceof Refused && error.message !== words.wordsSession) remember(store);
      if (error instanceof Refused) throw error;
      offset = null;
      say(words.wordsOffline);
      await line();
    }
  }
}

function begin(container) {
  const part = (name) => container.querySelector(`[data-upload-${name}]`);
  const words = container.dataset;
  const input = container.querySelector("input[type=file]");
  const zone = part("zone");
  const token = input.form.elements.csrfmiddlewaretoken.value;
  const accepted = words.uploadAccept.split(",");
  let queue = Promise.resolve(); // one after the other

  const fault = (file) => {
    if (!file.size) return words.wordsEmpty;
    if (file.size > Number(words.uploadMax)) return words.wordsLarge;
    const ending = file.name.toLowerCase().match(/\.\w+$/)?.[0];
    return accepted.includes(file.type) || accepted.includes(ending) ? "" : words.wordsKind;
  };

  const add = (file) => {
    const row = part("row").content.firstElementChild.cloneNode(true);
    const [cancel, progress, state] = row.querySelectorAll("[data-cancel], progress, [data-state]");
    for (const one of row.querySelectorAll("[data-name]")) one.textContent = file.name;
    progress.setAttribute("aria-label", file.name);
    const say = (text) => {
      if (state.textContent === text) return;
      state.textContent = text;
      part("status").textContent = `${file.name}: ${text}`;
    };
    const end = (text, refused) => {
      if (document.activeElement === cancel) input.focus();
      cancel.remove();
      progress.remove();
      row.classList.toggle("upload__file--refused", refused);
      say(text);
    };
    const come = (offset) => {
      progress.value = offset / file.size;
      state.textContent = `${words.wordsSending} ${Math.floor(progress.value * 100)} %`;
    };
    part("files").append(row);
    part("files").hidden = false;
    if (fault(file)) return end(fault(file), true);

    const sending = { cancelled: false, stop() {} };
    cancel.addEventListener("click", () => {
      sending.cancelled = true;
      sending.stop();
      end(words.wordsCancelled, false);
    });
    say(words.wordsWaiting);
    queue = queue.then(async () => {
      if (sending.cancelled) return;
      come(0);
      try {
        const detail = await send(file, sending, { url: words.uploadUrl, token, words, come, say });
        end(words.wordsSent, false);
        container.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail }));
      } catch (error) {
        end(error instanceof Refused ? error.message : words.wordsFailed, !sending.cancelled);
      }
    });
  };

  input.addEventListener("change", () => {
    [...input.files].forEach(add);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("upload__zone--over", name === "dragenter" || name === "dragover");
      if (name === "drop") [...event.dataTransfer.files].forEach(add);
    });
  }
  for (const one of container.querySelectorAll("[data-upload-scripted]")) one.hidden = false;
  for (const one of container.querySelectorAll("[data-upload-plain]")) one.hidden = true;
}

for (const container of document.querySelectorAll("[data-upload]")) begin(container);
