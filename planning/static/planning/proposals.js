// A tick of a group ticks its rows; the line below says what is ticked.
"use strict";

(() => {
  const form = document.getElementById("proposals");
  const told = form?.querySelector("[data-field=ticked]");
  if (!form || !told) return;

  const empty = told.textContent;
  const rowsOf = (body) => [...body.querySelectorAll("input[name=order]")];

  const tell = () => {
    const ticked = [...form.querySelectorAll("input[name=order]:checked")];
    const bodies = new Set(ticked.map((box) => box.closest("tbody")));
    const orders = bodies.size === 1 ? "1 purchase order" : `${bodies.size} purchase orders`;
    const rows = ticked.length === 1 ? "1 row" : `${ticked.length} rows`;
    told.textContent = ticked.length ? `${rows} ticked: ${orders}.` : empty;
  };

  form.addEventListener("change", (event) => {
    const body = event.target.closest("tbody");
    if (!body) return;
    const group = body.querySelector("input[name=group]");
    if (event.target === group) {
      for (const box of rowsOf(body)) box.checked = group.checked;
    } else if (group) {
      group.checked = false;
    }
    tell();
  });
  tell();
})();
