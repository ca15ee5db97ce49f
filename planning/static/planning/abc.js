// Draws annual values as bars in the colour of their class, and their cumulative share as a line.
"use strict";

(() => {
  const place = document.getElementById("abc-chart");
  const source = document.getElementById("abc-data");
  if (!place || !source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const colours = { A: "#2563eb", B: "#0d9488", C: "#a8763e" };
  const isDark = () => document.documentElement.classList.contains("dark");
  const chart = window.echarts.init(place, null, { renderer: "canvas" });

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    chart.setOption({
      textStyle: { color: ink },
      tooltip: { trigger: "axis" },
      grid: { left: 90, right: 60, top: 30, bottom: 70 },
      xAxis: { type: "category", data: data.items, axisLabel: { color: ink, rotate: 45, interval: 0 } },
      yAxis: [
        { type: "value", name: "a year", axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
        { type: "value", min: 0, max: 100, axisLabel: { color: ink, formatter: "{value} %" }, splitLine: { show: false } },
      ],
      series: [
        {
          name: "annual value",
          type: "bar",
          barMaxWidth: 26,
          data: data.values.map((value, i) => ({ value, itemStyle: { color: colours[data.classes[i]] } })),
        },
        {
          name: "cumulative %",
          type: "line",
          yAxisIndex: 1,
          symbol: "none",
          color: ink,
          data: data.shares,
        },
      ],
    }, true);
  };

  draw();
  window.addEventListener("resize", () => chart.resize());
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
