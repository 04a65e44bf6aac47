document.addEventListener("DOMContentLoaded", () => {
  // Long names may break after a point or an underscore, and nowhere else.
  for (const code of document.querySelectorAll("td code span, td code, h1 code span")) {
    if (code.childNodes.length !== 1 || code.firstChild.nodeType !== Node.TEXT_NODE) continue;
    const parts = code.textContent.split(/(?<=[._/])/);
    code.replaceChildren(...parts.flatMap((part) => [part, document.createElement("wbr")]));
  }
  // Where there is no room for columns a row of a table is a card: each cell says its heading.
  for (const table of document.querySelectorAll("table.docutils")) {
    const headings = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    table.classList.toggle("many", headings.length > 4);
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, place) => {
        if (headings[place]) cell.dataset.column = headings[place];
        cell.classList.toggle("blank", !cell.textContent.trim());
      });
    }
  }
});
