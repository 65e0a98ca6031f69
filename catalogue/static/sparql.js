// Ctrl + Enter runs the query; after a fault the caret stands where it is.

const query = document.getElementById("query");

for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

query.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    query.form.requestSubmit(query.form.querySelector("button[type=submit]"));
  }
});

if (query.dataset.line) {
  const lines = query.value.split("\n").slice(0, query.dataset.line - 1);
  const at = lines.reduce((sum, line) => sum + line.length + 1, 0) + (query.dataset.column - 1);
  query.focus();
  query.setSelectionRange(at, at);
}
