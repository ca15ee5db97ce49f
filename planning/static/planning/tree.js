// Opens and closes the rows of an indented table. Without it every row is shown.
"use strict";

(() => {
  const table = document.querySelector("table[data-tree-open]");
  if (!table) return;

  const rows = [...table.tBodies[0].rows];
  const depth = (row) => Number(row.dataset.depth);
  const toggles = new Map();

  const isParent = (index) => index + 1 < rows.length && depth(rows[index + 1]) > depth(rows[index]);

  // A row is shown when every row above it is open; what is late is never hidden at first.
  const show = () => {
    const closed = [];
    for (const row of rows) {
      while (closed.length && closed[closed.length - 1] >= depth(row)) closed.pop();
      row.hidden = closed.length > 0;
      const toggle = toggles.get(row);
      if (toggle && toggle.getAttribute("aria-expanded") === "false") closed.push(depth(row));
    }
  };

  const set = (toggle, isOpen) => {
    toggle.setAttribute("aria-expanded", String(isOpen));
    toggle.textContent = isOpen ? "▾" : "▸";
  };

  const hasLateChild = (index) => {
    for (let next = index + 1; next < rows.length && depth(rows[next]) > depth(rows[index]); next += 1) {
      if (rows[next].classList.contains("dl-late-path")) return true;
    }
    return false;
  };

  rows.forEach((row, index) => {
    const place = row.querySelector(".dl-what");
    const mark = document.createElement(isParent(index) ? "button" : "span");
    mark.className = "dl-toggle";
    if (isParent(index)) {
      mark.type = "button";
      mark.setAttribute("aria-label", "Open or close what is below");
      set(mark, depth(row) < Number(table.dataset.treeOpen) || hasLateChild(index));
      mark.addEventListener("click", () => {
        set(mark, mark.getAttribute("aria-expanded") === "false");
        show();
      });
      toggles.set(row, mark);
    }
    place.prepend(mark);
  });

  for (const acts of document.querySelectorAll("[data-tree-acts]")) {
    acts.hidden = false;
    acts.addEventListener("click", (event) => {
      const wanted = event.target.dataset.tree;
      if (!wanted) return;
      for (const toggle of toggles.values()) set(toggle, wanted === "open");
      show();
    });
  }
  show();
})();
