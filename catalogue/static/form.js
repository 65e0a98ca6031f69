// The form saves by itself: a moment after a change, on leaving a field and on leaving the page.
// What could not be sent is kept in this browser and offered again.  What is right and wrong is
// said by the server alone; without scripts the buttons do all of it.

import { keep, offer, drop } from "./unsent.js";
import { begin, choose } from "./pick.js";
import { tell } from "./told.js";

const WAIT = 1500;
const AGAIN = 15_000;
const form = document.querySelector("#form");
const status = document.querySelector("#saved");
let timer;
let sending = null; // the save that is on its way
let dirty = false;
let leaving = false;

const said = () => {
  const data = new FormData(form);
  const typing = document.activeElement;
  // A name that is still being typed is no answer yet.
  if (typing?.matches?.("input[data-pick]") && typing.value) {
    const others = data.getAll(typing.name).filter((value) => value !== typing.value);
    data.delete(typing.name);
    for (const value of others) data.append(typing.name, value);
  }
  return [...data];
};

const say = (text, trouble = false) => {
  status.textContent = text;
  status.classList.toggle("trouble", trouble);
};

const later = (wait) => {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
};

const changed = () => {
  dirty = true;
  keep(form, [...new FormData(form)]);
  later(WAIT);
};

const save = () => {
  clearTimeout(timer);
  if (!dirty || leaving) return;
  if (sending) return later(WAIT);
  sending = post().finally(() => (sending = null));
};

const post = async () => {
  dirty = false;
  const body = new URLSearchParams(said());
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
      keepalive: body.toString().length < 60_000,
    });
    if (answer.status === 401 || answer.type === "opaqueredirect") return signIn();
    if (!answer.ok) throw new Error(answer.statusText);
    arrived(await answer.json());
  } catch {
    dirty = true;
    say("Not saved yet. Your answers are kept in this browser and sent again in a moment.", true);
    later(AGAIN);
  }
};

const arrived = (answer) => {
  form.dataset.revision = answer.revision;
  if (!dirty) drop(form);
  for (const one of answer.understood) {
    const input = form.querySelector(`input[data-pick][name="${CSS.escape(one.name)}"]`);
    if (input && input !== document.activeElement && input.value) choose(input, one);
  }
  tell(form, answer);
  const left = answer.errors.length + answer.conflicts.length;
  say(`Saved at ${answer.at}${left ? `, without what needs another look` : ""}`);
};

const signIn = () => {
  dirty = true;
  say("Your session has ended. Everything you wrote is kept. ", true);
  const link = Object.assign(document.createElement("a"), { href: form.dataset.signIn, target: "_blank" });
  link.textContent = "Sign in in a new tab; it is then saved by itself.";
  status.append(link);
  later(AGAIN);
};

if (form) {
  offer(form);
  begin((input, now) => {
    changed();
    if (now) {
      input.blur();
      input.focus();
    }
  });
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Who leaves a field for a button sends all of it at once.
  form.addEventListener("focusout", (event) => event.relatedTarget?.matches?.("button[name=do]") || save());
  form.addEventListener("submit", (event) => {
    leaving = true;
    keep(form, [...new FormData(form)], true);
    if (!sending) return;
    event.preventDefault(); // what is on its way may give names to parts: the page must know them
    sending.then(() => form.requestSubmit(event.submitter));
  });
  addEventListener("focus", save);
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pageshow", () => (leaving = false));
}
