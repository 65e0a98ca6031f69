// Help with typing in the search box: a list of concepts, datasets and holders below it.
// Choosing a concept or holder searches for it and keeps the other criteria; a dataset opens.

import { combobox } from "./combobox.js";

const help = (input) =>
  combobox(input, {
    async ask(text, signal) {
      if (/["()*:]/.test(text)) return;
      const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: text })}`, { signal });
      return answer.ok ? (await answer.json()).items : undefined;
    },
    say: (item) => [item.text, [item.also, item.label, item.count || ""].filter(Boolean).join(" · ")],
    take(item) {
      if (item.kind === "dataset") return location.assign(new URL(item.url).pathname);
      input.value = item.kind === "agent" ? `"${item.text}"` : item.text;
      input.form.requestSubmit();
    },
  });

const begin = () => {
  for (const input of document.querySelectorAll("input[data-suggests]:not([role])")) help(input);
};

begin();
addEventListener("results", begin);
