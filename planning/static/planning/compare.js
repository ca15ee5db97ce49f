// Draws two plans against each other: people by month, parts of the cost, and dates that move.
"use strict";

(() => {
  const source = document.getElementById("compare-data");
  if (!source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const isDark = () => document.documentElement.classList.contains("dark");
  const charts = {};
  const whole = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 1 });
  const short = (value) =>
    Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : whole(value);
  const signed = (value) => `${value > 0 ? "+" : ""}${whole(value)}`;

  const open = (id, rows) => {
    const place = document.getElementById(id);
    if (!place) return;
    if (rows) place.style.height = `${Math.max(220, 60 + 24 * rows)}px`;
    charts[id] = window.echarts.init(place, null, { renderer: "canvas" });
    // The width is 0 while the page is being laid out.
    new ResizeObserver(() => charts[id].resize()).observe(place);
  };

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const blue = isDark() ? "#60a5fa" : "#2563eb";
    const grey = isDark() ? "#a1a1aa" : "#71717a";
    const common = {
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      grid: { left: 8, right: 24, top: 40, bottom: 4, containLabel: true },
    };
    const step = (name, values, colour, style) => ({
      name, type: "line", step: "middle", symbol: "none", data: values, z: 3,
      lineStyle: { width: 2, color: colour, ...style }, itemStyle: { color: colour },
    });
    const hires = (name, values, colour) => ({ name, type: "bar", barMaxWidth: 10, data: values, itemStyle: { color: colour, opacity: 0.55 } });
    charts["compare-heads"]?.setOption({
      ...common,
      legend: { type: "scroll", top: 0, left: 0, itemWidth: 18, itemHeight: 8, textStyle: { color: ink } },
      tooltip: { trigger: "axis", confine: true, valueFormatter: whole },
      xAxis: { type: "category", data: data.months, axisLabel: { color: ink, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: line } } },
      yAxis: { type: "value", axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
      series: [
        step(`${data.before}, people`, data.heads[0], grey, { type: "dashed" }),
        step(`${data.after}, people`, data.heads[1], blue, {}),
        hires(`${data.before}, hires`, data.hires[0], grey),
        hires(`${data.after}, hires`, data.hires[1], blue),
      ],
    }, true);
    const bars = (id, rows, unit) => charts[id]?.setOption({
      ...common,
      grid: { ...common.grid, top: 8, right: 72 },
      tooltip: { trigger: "axis", confine: true, axisPointer: { type: "shadow" }, valueFormatter: (value) => `${signed(value)}${unit}` },
      xAxis: { type: "value", axisLabel: { color: ink, formatter: short, hideOverlap: true }, splitLine: { lineStyle: { color: line } } },
      yAxis: { type: "category", data: rows.map((row) => row[0]), axisLabel: { color: ink }, axisTick: { show: false }, axisLine: { lineStyle: { color: line } } },
      series: [{
        type: "bar", barMaxWidth: 16,
        data: rows.map(([, value]) => ({ value, itemStyle: { color: value > 0 ? "#dc2626" : "#16a34a" } })),
        label: { show: true, position: "right", color: ink, formatter: ({ value }) => `${signed(value)}${unit}` },
      }],
    }, true);
    bars("compare-costs", [...data.costs].reverse(), "");
    bars("compare-dates", data.dates, " d");
  };

  open("compare-heads");
  open("compare-costs", data.costs.length);
  open("compare-dates", data.dates.length);
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
