// Draws heads as steps and hires as bars, month by month.
"use strict";

(() => {
  const place = document.getElementById("staffing-chart");
  const source = document.getElementById("staffing-data");
  if (!place || !source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const colours = { direct: "#2563eb", indirect: "#0d9488", engineering: "#9333ea", overhead: "#a8763e" };
  const isDark = () => document.documentElement.classList.contains("dark");
  const chart = window.echarts.init(place, null, { renderer: "canvas" });

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const bars = Object.entries(data.hires).map(([kind, values]) => ({
      name: `hires, ${kind}`,
      type: "bar",
      stack: "hires",
      yAxisIndex: 1,
      barMaxWidth: 26,
      itemStyle: { color: colours[kind], opacity: 0.55 },
      data: values,
    }));
    const steps = [
      ["people in all", data.heads, isDark() ? "#fafafa" : "#18181b"],
      ["of them direct", data.direct, colours.direct],
    ].map(([name, values, colour]) => ({
      name, type: "line", step: "middle", symbol: "none", z: 3,
      lineStyle: { width: 2.5, color: colour }, itemStyle: { color: colour }, data: values,
    }));
    const axis = {
      nameTextStyle: { color: ink }, axisLabel: { color: ink }, min: 0, minInterval: 1,
      splitLine: { lineStyle: { color: line } },
    };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      legend: { type: "scroll", top: 0, textStyle: { color: ink } },
      tooltip: { trigger: "axis" },
      grid: { left: 50, right: 50, top: 56, bottom: 30 },
      xAxis: { type: "category", data: data.months, axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } } },
      yAxis: [
        { ...axis, type: "value", name: "heads" },
        { ...axis, type: "value", name: "hires", splitLine: { show: false } },
      ],
      series: [...bars, ...steps],
    }, true);
  };

  draw();
  // The width is 0 while the page is being laid out.
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
