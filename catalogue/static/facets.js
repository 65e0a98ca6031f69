// Narrow the results as soon as a box is ticked: the page that the form would lead to is
// fetched, and its results and filters take the place of those shown. The form works without.

const ask = async (address, push) => {
  const asked = new AbortController();
  ask.before?.abort();
  ask.before = asked;
  document.querySelector("#results").setAttribute("aria-busy", "true");
  let page;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asked.signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  if (!page.querySelector("#results")) return location.assign(address);
  if (push) history.pushState({ facets: true }, "", address);
  show(page);
};

const show = (page) => {
  const opened = new Map([...document.querySelectorAll("#facets details")].map((d) => [nameOf(d), d.open]));
  const focused = document.activeElement;
  const box = focused?.matches?.("#facets input[type=checkbox]") ? [focused.name, focused.value] : null;
  document.title = page.title;
  for (const part of [".asked", "#facets", "#results"]) {
    document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  }
  for (const details of document.querySelectorAll("#facets details")) {
    details.open = opened.get(nameOf(details)) ?? details.open;
  }
  begin();
  document.querySelector("#said").textContent = document.querySelector("#how-many").textContent;
  if (box) {
    const same = [...document.querySelectorAll("#facets input")].find((i) => i.name === box[0] && i.value === box[1]);
    for (let d = same?.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    same?.focus();
  }
};

const nameOf = (details) => details.id || `${details.parentElement.closest("details")?.id} rest`;

const begin = () => {
  const form = document.querySelector("#facets");
  form.querySelector(".apply").hidden = true;
  form.addEventListener("change", () => {
    const parameters = new URLSearchParams(new FormData(form));
    ask(`${form.getAttribute("action")}?${parameters}`, true);
  });
};

if (document.querySelector("#facets")) {
  begin();
  addEventListener("popstate", () => ask(location.href, false));
}
