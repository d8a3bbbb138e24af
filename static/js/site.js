// JavaScript only adds: every page works without this file.
for (const button of document.querySelectorAll("[data-copy], [data-print]")) {
  button.closest("li").hidden = false;
  button.addEventListener("click", async () => {
    if ("print" in button.dataset) {
      window.print();
      return;
    }
    const label = button.querySelector("span");
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
  });
}
