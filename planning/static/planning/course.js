// Draws how the best plan of a build became better, as steps over seconds: what the build minimises, and below
// it the money; redrawn when "dl-course" tells more.
"use strict";

(() => {
  const place = document.getElementById("course-chart");
  const source = document.getElementById("course-data");
  if (!place || !source || !window.echarts) return;

  let course = JSON.parse(source.textContent);
  let chart = null;
  const isDark = () => document.documentElement.classList.contains("dark");
  const money = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 2 });
  // As many digits as tell the lines of an axis apart.
  const short = (points) => {
    const values = points.map((point) => point[1]);
    const most = Math.max(...values.map(Math.abs));
    const [unit, letter] = most >= 1e6 ? [1e6, "M"] : most >= 1e4 ? [1e3, "k"] : [1, ""];
    const span = (Math.max(...values) - Math.min(...values)) / unit || 1;
    const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(span)) - 1));
    return (value) => letter ? `${+(value / unit).toFixed(digits)}${letter}` : money(value);
  };

  const draw = () => {
    const panels = course.panels;
    place.hidden = !panels.length;
    if (place.hidden) return;
    place.classList.toggle("dl-chart-two", panels.length > 1);
    if (!chart) {
      chart = window.echarts.init(place, null, { renderer: "canvas" });
      // The width is 0 while the page is being laid out.
      new ResizeObserver(() => chart.resize()).observe(place);
    }
    place.setAttribute("aria-label", course.summary);
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const colours = isDark() ? ["#60a5fa", "#a1a1aa"] : ["#2563eb", "#71717a"];
    const axis = { type: "value", axisLabel: { color: ink }, nameTextStyle: { color: ink }, axisLine: { lineStyle: { color: line } } };
    const share = 100 / panels.length;
    chart.resize();
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: {
        trigger: "axis", confine: true,
        formatter: ([{ data }]) => { const [second, , words] = data.value || data; return `after ${second.toFixed(1)} s<br><b>${words}</b>`; },
      },
      grid: panels.map((_, place) => ({
        left: 64, right: 24, top: `${place * share + 9}%`, height: `${share - (place + 1 < panels.length ? 15 : 24)}%`,
      })),
      xAxis: panels.map((_, place) => ({
        ...axis, gridIndex: place, min: 0, max: Math.max(course.until, 1), splitLine: { show: false },
        name: place + 1 < panels.length ? "" : "seconds", nameLocation: "middle", nameGap: 26,
        axisLabel: { color: ink, showMaxLabel: false, show: place + 1 === panels.length },
      })),
      yAxis: panels.map((panel, place) => ({
        ...axis, gridIndex: place, name: panel.name, nameTextStyle: { color: ink, align: "left", padding: [0, 0, 0, -52] }, scale: true,
        minInterval: 1, splitNumber: panels.length > 1 ? 3 : 5, axisLabel: { color: ink, formatter: short(panel.points) }, splitLine: { lineStyle: { color: line } },
      })),
      series: panels.map(({ points }, place) => {
        const last = points[points.length - 1];
        return {
          type: "line", step: "end", symbol: "circle", symbolSize: 5, showSymbol: points.length <= 40,
          xAxisIndex: place, yAxisIndex: place,
          lineStyle: { width: place ? 1.5 : 2.5, color: colours[place] }, itemStyle: { color: colours[place] },
          areaStyle: { color: colours[place], opacity: 0.08, origin: "start" },
          // The last plan is the best one until now.
          data: [...points, { value: [course.until, last[1], last[2]], symbol: "none" }],
        };
      }),
    }, true);
  };

  draw();
  place.addEventListener("dl-course", (event) => {
    course = event.detail;
    draw();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
