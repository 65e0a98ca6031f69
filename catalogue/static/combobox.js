// A list of suggestions below an input: the combobox of the ARIA practices.
// `ask` gets what is typed and gives items, `say` gives the two texts of one, `take` is what
// choosing does.  Without scripts the input is just an input.

const WAIT = 120;

export const combobox = (input, { ask, say, take, shortest = 2, label = "Suggestions" }) => {
  const list = document.createElement("ul");
  list.id = `${input.id}-help`;
  list.className = "help";
  list.role = "listbox";
  list.setAttribute("aria-label", label);
  list.hidden = true;
  input.parentElement.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    input.setAttribute(name, value);
  }
  let items = [];
  let at = -1;
  let timer;
  let asked;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (number) => {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = number;
    const option = list.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const choose = (item) => {
    close();
    take(item);
  };

  const show = () => {
    list.replaceChildren(
      ...items.map((item, number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.role = "option";
        option.setAttribute("aria-selected", "false");
        for (const [name, said] of [["what", say(item)[0]], ["kind", say(item)[1]]]) {
          const text = document.createElement("span");
          text.className = name;
          text.textContent = said;
          option.append(text);
        }
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(item));
        return option;
      }),
    );
    at = -1;
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const help = async () => {
    const text = input.value.trim();
    asked?.abort();
    asked = new AbortController();
    if (text.length < shortest) return close();
    try {
      const found = await ask(text, asked.signal);
      if (!found) return close();
      items = found;
      if (document.activeElement === input) show();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(help, WAIT);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return items.length && document.activeElement === input ? show() : undefined;
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(((at + 1 + step + items.length + 1) % (items.length + 1)) - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && at >= 0) {
      choose(items[at]);
      event.preventDefault();
    }
  });
};
