// Draws for each item a bar from its first start to the day on which the last of it is in stock.
"use strict";

(() => {
  const place = document.getElementById("needs-chart");
  const source = document.getElementById("needs-data");
  if (!place || !source || !window.echarts) return;

  const spans = JSON.parse(source.textContent).reverse();
  if (!spans.length) {
    place.remove();
    return;
  }
  const dayLength = 86400000;
  const colours = { make: "#2563eb", buy: "#0d9488", stock: "#a8763e" };
  const isDark = () => document.documentElement.classList.contains("dark");
  const rowHeight = 18;
  place.style.height = `${Math.max(160, 90 + rowHeight * spans.length)}px`;
  const chart = window.echarts.init(place, null, { renderer: "canvas" });

  const bar = (params, api) => {
    const from = api.coord([api.value(1), api.value(0)]);
    const to = api.coord([api.value(2) + dayLength, api.value(0)]);
    const height = rowHeight * 0.6;
    return {
      type: "rect",
      shape: { x: from[0], y: from[1] - height / 2, width: Math.max(2, to[0] - from[0]), height, r: 2 },
      style: { fill: api.visual("color"), opacity: 0.8 },
    };
  };

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const words = { make: "made", buy: "bought", stock: "from stock" };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      legend: { type: "scroll", top: 0, textStyle: { color: ink } },
      tooltip: {
        formatter: ({ value }) => {
          const span = spans[value[0]];
          const slack = span.slack === null ? "" : `, least slack ${span.slack} days`;
          return `${window.echarts.format.encodeHTML(span.item)}: ${span.qty}<br>${span.start} to ${span.end}${slack}`;
        },
      },
      grid: { left: 90, right: 24, top: 64, bottom: 12 },
      xAxis: { type: "time", position: "top", axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } }, splitLine: { show: true, lineStyle: { color: line } } },
      yAxis: { type: "category", data: spans.map((span) => span.item), axisLabel: { color: ink, interval: 0, fontSize: 11 }, axisLine: { show: false }, axisTick: { show: false } },
      series: Object.keys(colours)
        .filter((kind) => spans.some((span) => span.kind === kind))
        .map((kind) => ({
          name: words[kind], type: "custom", renderItem: bar, itemStyle: { color: colours[kind] }, encode: { x: [1, 2], y: 0 },
          data: spans.flatMap((span, index) => (span.kind === kind ? [[index, Date.parse(span.start), Date.parse(span.end)]] : [])),
        })),
    }, true);
  };

  draw();
  // The width is 0 while the page is being laid out.
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
