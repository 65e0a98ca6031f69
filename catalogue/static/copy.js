// A button that copies each example and address; where copying is not allowed there is none.

if (navigator.clipboard) {
  for (const one of document.querySelectorAll(".call pre, [data-copy]")) {
    const button = document.createElement("button");
    const name = one.dataset.copy || one.getAttribute("aria-label");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy: ${name}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(one.textContent.trim());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    // After what is copied in the order of tabs; an example scrolls, so its button stands before.
    if (one.dataset.copy) one.after(button);
    else one.before(button);
  }
}
