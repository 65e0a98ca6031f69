// Choosing entries of a list and records by their names, below the inputs of the form.
// What is chosen becomes a checked box above the input, as the server would draw it.

import { combobox } from "./combobox.js";

export const choose = (input, { value, label, note }) => {
  const chosen = input.closest(".question").querySelector("[data-chosen]");
  if (input.dataset.many === "no") chosen.replaceChildren();
  const known = [...chosen.querySelectorAll("input")].find((box) => box.value === value);
  if (known) known.checked = true;
  else chosen.append(box(input.name, value, label, note));
  input.value = "";
};

const box = (name, value, label, note) => {
  const choice = document.createElement("label");
  choice.className = "choice";
  const input = Object.assign(document.createElement("input"), { type: "checkbox", name, value, checked: true });
  const text = document.createElement("span");
  text.textContent = label;
  if (note) text.append(" ", Object.assign(document.createElement("small"), { textContent: note }));
  choice.append(input, text);
  return choice;
};

export const begin = (changed) => {
  for (const input of document.querySelectorAll("input[data-pick]")) {
    combobox(input, {
      async ask(text, signal) {
        const answer = await fetch(`${input.dataset.pick}?${new URLSearchParams({ q: text })}`, { signal });
        return answer.ok ? (await answer.json()).items : undefined;
      },
      say: (item) => [item.label, item.note],
      take(item) {
        choose(input, item);
        changed(input);
      },
    });
    // Enter in a name is no wish to leave the page.
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.defaultPrevented && input.value.trim()) {
        event.preventDefault();
        changed(input, true);
      }
    });
  }
};
