// The shortlist of this browser: datasets that were ticked, kept from page to page. The boxes
// are a form that works without; where nothing can be kept, they stay just that.

const KEY = "shortlist";
const MOST = Number(document.querySelector("[data-most-listed]").dataset.mostListed);

const read = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return null;
  }
};

const write = (some) => {
  try {
    localStorage.setItem(KEY, JSON.stringify([...new Set(some)].slice(0, MOST)));
  } catch {
    // full or forbidden: the boxes are still a form
  }
};

const address = (some, asked) => {
  const said = some.map((one) => ["dataset", one]);
  return `/compare?${new URLSearchParams(asked ? [...said, ["asked", asked]] : said)}`;
};
const counted = (number) => `${number} ${number === 1 ? "dataset" : "datasets"} on your shortlist.`;
// A form of boxes leads to the comparison: the bar of results and pages, or a whole table.
const isList = (form) => form?.getAttribute("action") === "/compare" && form.getAttribute("role") !== "search";
const isBox = (one) => one.matches?.('input[type="checkbox"][name="dataset"]') && isList(one.form);
const boxes = () => [...document.querySelectorAll('input[name="dataset"]')].filter(isBox);

const show = () => {
  const kept = read();
  if (!kept) return;
  for (const box of boxes()) box.checked = kept.includes(box.value);
  for (const form of document.querySelectorAll('form[action="/compare"]:not(.shortlist-bar)')) {
    const button = isList(form) && form.querySelector("button");
    if (!button) continue;
    button.dataset.bare ??= button.textContent;
    button.textContent = kept.length ? `Compare the ${kept.length} on your shortlist` : button.dataset.bare;
  }
  const bar = document.querySelector("[data-ticked]")?.closest(".shortlist-bar");
  if (!bar) return;
  bar.classList.add("kept");
  bar.hidden = kept.length === 0;
  bar.querySelector("[data-ticked]").textContent = counted(kept.length);
  if (!bar.querySelector("[data-clear]")) {
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "as-link";
    clear.dataset.clear = "";
    clear.textContent = "Empty it";
    bar.querySelector("p").append(" ", clear);
  }
};

document.addEventListener("change", ({ target }) => {
  const kept = read();
  if (!kept || !isBox(target)) return;
  write(target.checked ? [...kept, target.value] : kept.filter((one) => one !== target.value));
  show();
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-clear]")) return;
  write([]);
  show();
  (boxes()[0] ?? document.querySelector("#main")).focus();
});

document.addEventListener("submit", (event) => {
  const kept = read();
  if (!isList(event.target) || !kept) return;
  event.preventDefault();
  const here = location.pathname === "/questions" ? location.pathname + location.search : "";
  location.assign(address(kept, event.target.elements.asked?.value ?? here));
});

// On the page that compares, the address says which datasets; what the browser keeps follows
// what is added and removed there, and a list that came by a link is taken over on request.
const compared = () => {
  const page = document.querySelector("[data-compared]");
  const kept = read();
  if (!page || !kept) return;
  const shown = page.dataset.compared.split(" ").filter(Boolean);
  for (const link of document.querySelectorAll("a[data-add], a[data-remove]")) {
    link.addEventListener("click", () => {
      const { add, remove } = link.dataset;
      const now = read() ?? [];
      write(add ? [...now, add] : now.filter((one) => one !== remove));
    });
  }
  const same = shown.length === kept.length && shown.every((one) => kept.includes(one));
  const offer = page.querySelector("[data-offer]");
  if (!offer || same) return;
  offer.hidden = false;
  const [open, take] = [offer.querySelector("[data-open]"), offer.querySelector("[data-take]")];
  offer.querySelector("[data-ticked]").textContent = kept.length
    ? `This browser keeps another shortlist, of ${kept.length}.`
    : "This browser keeps no shortlist yet.";
  open.hidden = kept.length === 0;
  open.href = address(kept);
  take.hidden = shown.length === 0;
  take.addEventListener("click", () => {
    write(shown);
    offer.hidden = true;
    document.querySelector("h1").focus?.();
  });
};

addEventListener("results", show);
addEventListener("pageshow", show); // also when somebody comes back to a page that was kept
addEventListener("storage", ({ key }) => key === KEY && show());
show();
compared();
