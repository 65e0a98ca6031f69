// While a run is at work: how far it is.  In the form of a source: what can be said of the
// protocol that is chosen.  Both pages work without.

const told = document.querySelector("#told");

const look = async () => {
  const shown = document.querySelector("[data-works]");
  if (!shown || document.hidden) return;
  const answer = await fetch(shown.dataset.works, { headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#state");
  if (!fresh || !document.contains(shown)) return;
  // What comes next has its own buttons and lists; a form that is being used is not torn away.
  if (fresh.dataset.state !== shown.dataset.state) return location.reload();
  if (shown.contains(document.activeElement)) return change(shown, fresh);
  shown.replaceWith(document.adoptNode(fresh));
};

// Only the bar, while the keyboard is in the part that would be replaced.
const change = (shown, fresh) => {
  for (const part of ["progress", "label"]) {
    const from = fresh.querySelector(part);
    if (from) shown.querySelector(part)?.replaceWith(document.adoptNode(from));
  }
};

if (told) {
  // A page that came anew because the run went on says so to those who do not see it.
  const [name, state] = [`state of ${location.pathname}`, document.querySelector("#state .says").textContent.trim()];
  const before = sessionStorage.getItem(name);
  if (before && before !== state) told.textContent = state;
  sessionStorage.setItem(name, state);
  setInterval(() => look().catch(() => {}), 2000);
}

const protocol = document.querySelector("#protocol");

const choose = () => {
  const parts = [...document.querySelectorAll("[data-protocol]")];
  for (const part of parts) part.hidden = part.dataset.protocol !== protocol.value;
  const more = document.querySelector(".more-options");
  more.hidden = parts.every((part) => part.hidden) && !more.querySelector(".fault");
  more.open = true;
};

if (protocol) {
  protocol.addEventListener("change", choose);
  choose();
}
