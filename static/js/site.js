// JavaScript only adds: every page works without this file.
for (const button of document.querySelectorAll("[data-copy], [data-copy-of], [data-print]")) {
  const { copy, copyOf, done } = button.dataset;
  if ("print" in button.dataset) {
    button.addEventListener("click", () => window.print());
  } else if (navigator.clipboard) {
    const label = button.querySelector("span");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(copy ?? document.getElementById(copyOf).textContent);
      label.textContent = done;
    });
  } else {
    continue; // browsers copy on secure addresses only
  }
  button.closest("[hidden]").hidden = false;
}
