// Narrow the results as soon as a box is ticked: the page that the form would lead to is
// fetched, and its results and filters take the place of those shown. The form works without.

const ask = async (address, push) => {
  const asked = new AbortController();
  ask.before?.abort();
  ask.before = asked;
  document.querySelector("#results").setAttribute("aria-busy", "true");
  let page, answer;
  try {
    answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asked.signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  if (!page.querySelector("#results")) return location.assign(address);
  if (push) history.pushState({ facets: true }, "", answer.url);
  show(page);
};

const show = (page) => {
  const opened = new Map([...document.querySelectorAll("#facets details")].map((d) => [nameOf(d), d.open]));
  const focused = document.activeElement;
  const box = focused?.matches?.("#facets input") ? focused : null;
  document.title = page.title;
  for (const part of [".asked", "#facets", "#results"]) {
    document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  }
  for (const details of document.querySelectorAll("#facets details")) {
    details.open = opened.get(nameOf(details)) ?? details.open;
  }
  begin();
  dispatchEvent(new Event("results"));
  document.querySelector("#said").textContent = document.querySelector("#how-many").textContent;
  if (box) {
    const same = [...document.querySelectorAll("#facets input")].find(
      (one) => one.name === box.name && (one.type !== "checkbox" || one.value === box.value),
    );
    for (let d = same?.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    same?.focus();
  }
};

const nameOf = (details) => details.id || `${details.parentElement.closest("details")?.id} rest`;

const begin = () => {
  const form = document.querySelector("#facets");
  form.querySelector(".apply").hidden = true;
  form.addEventListener("change", () => {
    if (!form.checkValidity()) return form.reportValidity();
    const said = [...new FormData(form)].filter(([, value]) => value);
    const parameters = new URLSearchParams(said);
    ask(`${form.getAttribute("action")}?${parameters}`, true);
  });
};

if (document.querySelector("#facets")) {
  begin();
  addEventListener("popstate", () => ask(location.href, false));
}
