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

  // The same rule as benchbench.report.pick: a demand on something that was not measured is not met.
  function meets(candidate, demands) {
    return (demands.quality === null || (candidate.quality !== null && candidate.quality >= demands.quality))
      && (demands.p99 === null || (candidate.p99_ms !== null && candidate.p99_ms <= demands.p99))
      && (demands.memory === null || (candidate.memory_bytes !== null && candidate.memory_bytes <= demands.memory * 1e6));
  }

  function short(value) {
    return value === null ? "–" : Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
  }

  function sentence(candidate) {
    if (!candidate) return "Nothing that was measured meets these demands.";
    const costs = [[candidate.kwh_per_million, "kWh"], [candidate.kg_co2eq_per_million, "kgCO2eq"]]
      .filter(([value]) => value !== null).map(([value, unit]) => short(value) + " " + unit);
    return candidate.model + " on " + candidate.target
      + (costs.length ? ": " + costs.join(" and ") + " per million requests" : "") + ".";
  }

  function row(candidate) {
    const line = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.className = "short";
    head.textContent = candidate.model;
    line.append(head);
    const megabytes = candidate.memory_bytes === null ? null : candidate.memory_bytes / 1e6;
    const quality = candidate.quality === null ? "–" : candidate.quality.toFixed(3);
    const texts = [candidate.target, quality, short(candidate.p99_ms), short(megabytes),
      short(candidate.kwh_per_million), short(candidate.kg_co2eq_per_million)];
    texts.forEach((text, index) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      cell.className = index > 0 ? "number" : "short";
      line.append(cell);
    });
    return line;
  }

  function answerDemands(form, candidates) {
    const body = document.querySelector("#table-options tbody");
    const answer = document.getElementById("answer");
    const demand = (name) => (form.elements[name].value === "" ? null : Number(form.elements[name].value));
    const update = () => {
      const demands = { quality: demand("quality"), p99: demand("p99"), memory: demand("memory") };
      const fitting = candidates.filter((candidate) => meets(candidate, demands));
      answer.textContent = sentence(fitting[0]);
      answer.dataset.model = fitting.length ? fitting[0].model : "";
      answer.dataset.target = fitting.length ? fitting[0].target : "";
      body.replaceChildren(...fitting.slice(0, 50).map(row));
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

  const specs = embedded("specs");
  if (Object.keys(specs).length) drawFigures(specs);
  document.querySelectorAll("table:not(#table-options)").forEach(makeSortable);
  const form = document.getElementById("picker");
  if (form) answerDemands(form, embedded("candidates"));
})();
