// What the server says after a save, put where it belongs: faults and conflicts at their
// fields, the names of new parts, how far each section is.

const input = (form, name) => form.querySelector(`#f-${CSS.escape(name)}`);
const question = (form, name) =>
  input(form, name)?.closest(".question") ?? form.querySelector(`.question[data-field="${CSS.escape(name)}"]`);

export const tell = (form, answer) => {
  for (const [field, state] of Object.entries(answer.was)) {
    const was = form.elements[`was-${field}`];
    if (was) was.value = state;
  }
  for (const [group, id] of Object.entries(answer.parts)) {
    const part = form.elements[`${group}-id`];
    if (part) part.value = id;
  }
  for (const fault of form.querySelectorAll(".faults-of > .fault, .version > .fault")) fault.remove();
  for (const wrong of form.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
  for (const wrong of form.querySelectorAll(".faulty")) wrong.classList.remove("faulty");
  for (const old of form.querySelectorAll(".candidates")) old.remove();
  document.querySelector("#faults")?.remove();
  for (const error of answer.errors) {
    const at = input(form, error.name);
    if (at && at === document.activeElement) continue; // not while it is being written
    const place = question(form, error.name);
    if (!place) continue;
    place.classList.add("faulty");
    for (let d = place.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    at?.setAttribute("aria-invalid", "true");
    say(place, error.message);
    if (error.candidates.length) place.querySelector(".line")?.after(candidates(error, at));
  }
  for (const conflict of answer.conflicts) {
    const place = question(form, conflict.field);
    if (place && !place.querySelector(".conflict")) {
      say(place, "Somebody else changed this meanwhile. Press “Save and continue” to see both and to choose.");
    }
  }
  for (const [slug, { answered, asked }] of Object.entries(answer.sections)) {
    const step = document.querySelector(`.steps li[data-section="${slug}"]`);
    if (!step) continue;
    step.className = answered >= asked ? "done" : "open";
    step.querySelector(".of").textContent = `${answered} of ${asked}`;
  }
};

const say = (place, message) => {
  const fault = document.createElement("p");
  fault.className = "fault";
  fault.textContent = message;
  place.querySelector(".faults-of").append(fault);
};

const candidates = (error, at) => {
  const set = document.createElement("fieldset");
  set.className = "candidates";
  const legend = document.createElement("legend");
  legend.textContent = `What is meant by “${error.text}”?`;
  set.append(legend, made("input", { type: "hidden", name: `for-${error.name}`, value: error.text }));
  for (const one of error.candidates) {
    const choice = made("label", { className: "choice" });
    const box = made("input", { type: at?.dataset.many === "no" ? "radio" : "checkbox", name: `pick-${error.name}`, value: one.value });
    const text = made("span", { textContent: one.label });
    if (one.note) text.append(" ", made("small", { textContent: one.note }));
    choice.append(box, text);
    set.append(choice);
  }
  return set;
};

const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
