// Draws what an item costs: each of the next units, each level, and the dearest items.
"use strict";

(() => {
  const source = document.getElementById("cost-data");
  if (!source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const colours = { material: "#2563eb", subcontract: "#a8763e", machine: "#0d9488", labour: "#9333ea" };
  const isDark = () => document.documentElement.classList.contains("dark");
  const money = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 2 });
  const short = (value) =>
    Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : money(value);
  const charts = {};

  const open = (id) => {
    const place = document.getElementById(id);
    if (!place) return null;
    charts[id] = window.echarts.init(place, null, { renderer: "canvas" });
    // The width is 0 while the page is being laid out.
    new ResizeObserver(() => charts[id].resize()).observe(place);
    return charts[id];
  };

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const used = data.parts.filter(({ key }) =>
      data.levels.some((level) => level[key]) || data.curve.some((row) => row[1 + data.parts.findIndex((part) => part.key === key)]));
    const text = { fontFamily: "Inter, sans-serif" };
    const legend = { type: "scroll", top: 0, textStyle: { color: ink }, itemHeight: 10 };
    const amounts = {
      type: "value", axisLabel: { color: ink, formatter: short }, splitLine: { lineStyle: { color: line } },
      nameTextStyle: { color: ink },
    };
    const names = (values, label = {}) => ({
      type: "category", data: values, axisLabel: { color: ink, ...label }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
    });
    const tooltip = { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value) => `${money(value)} ${data.currency}` };

    charts["cost-curve"]?.setOption({
      animation: false, textStyle: text, legend, tooltip: { ...tooltip, axisPointer: { type: "line" } },
      grid: { left: 62, right: 20, top: 44, bottom: 42 },
      xAxis: { ...names(data.curve.map((row) => row[0])), name: "unit number", nameLocation: "middle", nameGap: 26, nameTextStyle: { color: ink }, boundaryGap: false },
      yAxis: { ...amounts, name: data.currency },
      series: [
        ...used.map(({ key, label }) => ({
          name: label, type: "line", stack: "cost", symbol: "none", lineStyle: { width: 0 },
          areaStyle: { color: colours[key], opacity: 0.75 }, itemStyle: { color: colours[key] },
          data: data.curve.map((row) => row[1 + data.parts.findIndex((part) => part.key === key)]),
        })),
        {
          name: "Standard", type: "line", symbol: "none", itemStyle: { color: ink },
          lineStyle: { color: ink, type: "dashed", width: 1.5 }, data: data.curve.map(() => data.standard),
        },
      ],
    }, true);

    const stacked = (rows) => used.map(({ key, label }) => ({
      name: label, type: "bar", stack: "cost", barMaxWidth: 30, itemStyle: { color: colours[key], opacity: 0.85 },
      data: rows.map((row) => row[key]),
    }));
    charts["cost-levels"]?.setOption({
      animation: false, textStyle: text, legend, tooltip,
      grid: { left: 62, right: 20, top: 44, bottom: 42 },
      xAxis: { ...names(data.levels.map((_, level) => (level ? `level ${level}` : "itself"))) },
      yAxis: { ...amounts, name: data.currency }, series: stacked(data.levels),
    }, true);
    const dearest = [...data.dearest].reverse();
    charts["cost-dearest"]?.setOption({
      animation: false, textStyle: text, legend, tooltip,
      grid: { left: 12, right: 40, top: 36, bottom: 8, containLabel: true },
      xAxis: { ...amounts, name: data.currency, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: ink } },
      yAxis: names(dearest.map((row) => (row.name ? `${row.code}  ${row.name}` : row.code)), { width: 260, overflow: "truncate" }),
      series: stacked(dearest),
    }, true);
  };

  ["cost-curve", "cost-levels", "cost-dearest"].forEach(open);
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
