// Draws how the best plan of a build became better, as steps over seconds; redrawn when "dl-course" tells more.
"use strict";

(() => {
  const place = document.getElementById("course-chart");
  const source = document.getElementById("course-data");
  if (!place || !source || !window.echarts) return;

  let course = JSON.parse(source.textContent);
  let chart = null;
  const isDark = () => document.documentElement.classList.contains("dark");
  const money = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 2 });
  const short = (value) =>
    Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(2)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : money(value);

  const draw = () => {
    place.hidden = !course.points.length;
    if (place.hidden) return;
    if (!chart) {
      chart = window.echarts.init(place, null, { renderer: "canvas" });
      // The width is 0 while the page is being laid out.
      new ResizeObserver(() => chart.resize()).observe(place);
    }
    place.setAttribute("aria-label", course.summary);
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const colour = isDark() ? "#60a5fa" : "#2563eb";
    const last = course.points[course.points.length - 1];
    const axis = { type: "value", axisLabel: { color: ink }, nameTextStyle: { color: ink }, axisLine: { lineStyle: { color: line } } };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, sans-serif" },
      tooltip: {
        trigger: "axis",
        formatter: ([{ data }]) => `after ${data[0].toFixed(1)} s<br><b>${data[2]}</b>`,
      },
      grid: { left: 12, right: 24, top: 40, bottom: 28, containLabel: true },
      xAxis: {
        ...axis, name: "seconds", nameLocation: "middle", nameGap: 28, min: 0, max: Math.max(course.until, 1),
        splitLine: { show: false }, axisLabel: { color: ink, showMaxLabel: false },
      },
      yAxis: {
        ...axis, name: course.name, nameTextStyle: { color: ink, align: "left" }, scale: true, minInterval: 1,
        axisLabel: { color: ink, formatter: short }, splitLine: { lineStyle: { color: line } },
      },
      series: [{
        type: "line", step: "end", symbol: "circle", symbolSize: 5, showSymbol: course.points.length <= 40,
        lineStyle: { width: 2.5, color: colour }, itemStyle: { color: colour },
        areaStyle: { color: colour, opacity: 0.08, origin: "start" },
        // The last plan is the best one until now.
        data: [...course.points, { value: [course.until, last[1], last[2]], symbol: "none" }],
      }],
    }, true);
  };

  draw();
  place.addEventListener("dl-course", (event) => {
    course = event.detail;
    draw();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
