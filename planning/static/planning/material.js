// Draws what an item needs and what comes as bars, and what is left as a line.
"use strict";

(() => {
  const place = document.getElementById("material-chart");
  const source = document.getElementById("material-data");
  if (!place || !source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const isDark = () => document.documentElement.classList.contains("dark");
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  const receipts = [
    ["scheduled", "scheduled receipts", "#0d9488"],
    ["by_products", "by-products", "#a8763e"],
    ["firm", "planned receipts, firm", "#9333ea"],
    ["planned", "planned receipts", "#2563eb"],
  ];

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const bars = receipts
      .filter(([key]) => (data.series[key] || []).some((value) => value))
      .map(([key, name, colour]) => ({
        name, type: "bar", stack: "receipts", barMaxWidth: 22, itemStyle: { color: colour, opacity: 0.75 },
        data: data.series[key],
      }));
    const left = isDark() ? "#fafafa" : "#18181b";
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      legend: { type: "scroll", top: 0, textStyle: { color: ink } },
      tooltip: { trigger: "axis" },
      grid: { left: 60, right: 24, top: 56, bottom: 30 },
      xAxis: { type: "category", data: data.labels, axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } } },
      yAxis: {
        type: "value", name: data.unit, nameTextStyle: { color: ink }, axisLabel: { color: ink },
        splitLine: { lineStyle: { color: line } },
      },
      series: [
        {
          name: "gross requirements", type: "bar", barMaxWidth: 22, itemStyle: { color: "#dc2626", opacity: 0.7 },
          data: data.series.gross,
        },
        ...bars,
        ...(data.series.expected ? [{
          name: "expected on hand", type: "line", step: "middle", symbol: "none", z: 4,
          lineStyle: { width: 2, color: "#d97706", type: "dotted" }, itemStyle: { color: "#d97706" },
          data: data.series.expected,
        }] : []),
        {
          name: "projected on hand", type: "line", step: "middle", symbol: "none", z: 3,
          lineStyle: { width: 2.5, color: left }, itemStyle: { color: left }, data: data.series.on_hand,
          ...(data.safety > 0 && {
            markLine: {
              silent: true, symbol: "none", lineStyle: { color: "#d97706", type: "dashed", width: 1.5 },
              label: { formatter: `safety stock ${data.safety}`, color: ink, position: "insideEndTop" },
              data: [{ yAxis: data.safety }],
            },
          }),
        },
      ],
    }, true);
  };

  draw();
  // The width is 0 while the page is being laid out.
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
