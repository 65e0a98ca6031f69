// What was written and not yet saved, kept in this browser until it is.

const name = (form) => `unsent ${new URL(form.action).pathname}`;
const own = (form) => [...form.querySelectorAll("[data-own] input")];

export const keep = (form, said, sent = false) => {
  const mine = new Set(own(form).map((input) => input.name));
  const data = said.filter(([field, value]) => typeof value === "string" && !mine.has(field));
  const kept = { at: Date.now(), revision: Number(form.dataset.revision), sent, data };
  try {
    localStorage.setItem(name(form), JSON.stringify(kept));
  } catch {
    // No room, or not allowed: the server has all but the last few words.
  }
};

export const drop = (form) => {
  try {
    localStorage.removeItem(name(form));
  } catch {
    // Nothing was kept either.
  }
};

const kept = (form) => {
  try {
    return JSON.parse(localStorage.getItem(name(form)));
  } catch {
    return null;
  }
};

// Answers alone: states and names of parts change with every save.
const answers = (pairs) => JSON.stringify(pairs.filter(([field, value]) => value.trim() && !/^was-|-id$/.test(field)));

export const offer = (form) => {
  const found = kept(form);
  if (!found) return;
  const saved = found.sent && Number(form.dataset.revision) > found.revision;
  if (saved || answers(found.data) === answers([...new FormData(form)])) return drop(form);
  const place = document.querySelector("#unsent");
  const text = document.createElement("p");
  const at = new Date(found.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  text.textContent = `What you wrote here on ${at} was not saved.`;
  const back = button("Bring it back", () => send(form, found.data));
  const away = button("Throw it away", () => {
    drop(form);
    place.hidden = true;
  });
  away.className = "plainly";
  place.replaceChildren(text, back, away);
  place.hidden = false;
};

const button = (text, press) => {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", press);
  return made;
};

// Sent as the form would have been, so that the page comes back with all of it.
const send = (form, data) => {
  drop(form);
  const again = Object.assign(document.createElement("form"), { method: "post", action: form.action, hidden: true });
  const mine = own(form).map((input) => [input.name, input.value]);
  for (const [field, value] of [...data, ...mine, ["do", "keep"]]) {
    const input = document.createElement("textarea");
    Object.assign(input, { name: field, value });
    again.append(input);
  }
  document.body.append(again);
  again.submit();
};
