// Help with typing in the search box: a list of concepts, datasets and holders below it.
// Choosing a concept or holder searches for it and keeps the other criteria; a dataset opens.
// The pattern is the combobox of the ARIA practices; without scripts the box just searches.

const WAIT = 120;

const help = (input) => {
  const form = input.form;
  const list = document.createElement("ul");
  list.id = `${input.id}-help`;
  list.className = "help";
  list.role = "listbox";
  list.setAttribute("aria-label", "Suggestions");
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

  const take = (item) => {
    if (item.kind === "dataset") return location.assign(new URL(item.url).pathname);
    input.value = item.kind === "agent" ? `"${item.text}"` : item.text;
    close();
    form.requestSubmit();
  };

  const show = () => {
    list.replaceChildren(
      ...items.map((item, number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.role = "option";
        option.setAttribute("aria-selected", "false");
        const text = document.createElement("span");
        text.className = "what";
        text.textContent = item.text;
        const kind = document.createElement("span");
        kind.className = "kind";
        kind.textContent = [item.also, item.label, item.count || ""].filter(Boolean).join(" · ");
        option.append(text, kind);
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => take(item));
        return option;
      }),
    );
    at = -1;
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    const text = input.value.trim();
    asked?.abort();
    asked = new AbortController();
    if (text.length < 2 || /["()*:]/.test(text)) return close();
    try {
      const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: text })}`, { signal: asked.signal });
      if (!answer.ok) return close();
      items = (await answer.json()).items;
      if (document.activeElement === input) show();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
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
      take(items[at]);
      event.preventDefault();
    }
  });
};

const begin = () => {
  for (const input of document.querySelectorAll("input[data-suggests]:not([role])")) help(input);
};

begin();
addEventListener("results", begin);
