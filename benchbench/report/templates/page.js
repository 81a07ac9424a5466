(function () {
  "use strict";
  const specs = JSON.parse(document.getElementById("specs").textContent);
  const options = { renderer: "svg", actions: false };
  for (const chart of document.querySelectorAll("[data-figure]")) {
    vegaEmbed(chart, specs[chart.dataset.figure], options).then(() => chart.setAttribute("data-drawn", ""));
  }
})();
