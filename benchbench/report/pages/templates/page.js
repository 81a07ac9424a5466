(function () {
  "use strict";

  function embedded(id) {
    return JSON.parse(document.getElementById(id).textContent);
  }

  function drawFigures(specs) {
    for (const chart of document.querySelectorAll("[data-figure]")) {
      vegaEmbed(chart, specs[chart.dataset.figure], { renderer: "svg", actions: false })
        .then(() => chart.setAttribute("data-drawn", ""));
    }
  }

  // A row meets a demand when it carries the value and the value keeps to the bound; what was not measured meets none.
  function meets(row, demands) {
    return demands.every(([name, floor, bound]) => {
      const value = row.dataset[name] === undefined ? NaN : Number(row.dataset[name]);
      return floor ? value >= bound : value <= bound;
    });
  }

  // The rows stand in the order of preference: the first that meets all demands is the answer.
  function answerDemands(form) {
    const rows = [...document.querySelectorAll("#table-options tbody tr")];
    const answer = document.getElementById("answer");
    const update = () => {
      const demands = [...form.elements].filter((field) => field.value !== "")
        .map((field) => [field.name, "floor" in field.dataset, field.value * (field.dataset.factor || 1)]);
      const fitting = rows.filter((row) => meets(row, demands));
      const shown = new Set(fitting.slice(0, form.dataset.most));
      rows.forEach((row) => { row.hidden = !shown.has(row); });
      answer.textContent = fitting.length ? fitting[0].dataset.answer : form.dataset.nothing;
      answer.dataset.model = fitting.length ? fitting[0].dataset.model : "";
      answer.dataset.target = fitting.length ? fitting[0].dataset.target : "";
    };
    form.addEventListener("input", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    update();
  }

  // Each heading becomes a button that sorts its table: by value where cells carry one, otherwise by text.
  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].sort((a, b) => compare(a.cells[column], b.cells[column]));
        table.tBodies[0].append(...(descending ? rows.reverse() : rows));
      });
    });
  }

  function compare(a, b) {
    if (a.dataset.sort !== undefined && b.dataset.sort !== undefined) return a.dataset.sort - b.dataset.sort;
    if (a.dataset.sort !== undefined || b.dataset.sort !== undefined) return a.dataset.sort === undefined ? 1 : -1;
    return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
  }

  // A link to a table that is folded away opens it.
  function unfold() {
    const folded = document.getElementById(location.hash.slice(1))?.closest("details");
    if (!folded || folded.open) return;
    folded.open = true;
    folded.scrollIntoView();
  }

  const specs = embedded("specs");
  if (Object.keys(specs).length) drawFigures(specs);
  document.querySelectorAll("table:not(#table-options)").forEach(makeSortable);
  window.addEventListener("hashchange", unfold);
  unfold();
  const form = document.getElementById("picker");
  if (form) answerDemands(form);
})();
