// While a report is due or being made: how far it is, and the new page once it is there.

const waiting = document.querySelector("[data-waits]");

const look = async () => {
  if (document.hidden) return;
  const answer = await fetch(waiting.dataset.waits, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const state = await answer.json();
  if ((state.made ?? "") !== waiting.dataset.made) return location.reload();
  const bar = waiting.querySelector("progress");
  if (state.working && !bar) return location.reload();
  if (!bar) return;
  bar.max = state.total || 1;
  bar.value = state.done;
  const number = new Intl.NumberFormat("en-GB");
  waiting.querySelector("label").textContent =
    `${number.format(state.done)} of ${number.format(state.total)} descriptions read`;
};

if (waiting) setInterval(() => look().catch(() => {}), 3000);
