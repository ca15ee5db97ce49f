// Draws what stations do: a lane for each, a bar for each operation, over the days that were asked for.
"use strict";

(() => {
  const place = document.getElementById("schedule-chart");
  const source = document.getElementById("schedule-data");
  if (!place || !source || !window.echarts) return;

  const { begins, ends, lanes, bars } = JSON.parse(source.textContent);
  const isDark = () => document.documentElement.classList.contains("dark");
  const palette = [
    "#2563eb", "#0d9488", "#d97706", "#9333ea", "#65a30d", "#db2777", "#0891b2", "#a8763e", "#4f46e5", "#ca8a04",
    "#059669", "#7c3aed", "#475569", "#ea580c", "#0284c7", "#be185d",
  ];
  const items = [...new Set(bars.map((bar) => bar.item))].sort();
  const colourOf = new Map(items.map((item, number) => [item, palette[number % palette.length]]));
  const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const two = (number) => String(number).padStart(2, "0");
  const escape = (text) => window.echarts.format.encodeHTML(String(text));
  // The moments are those of the factory's clock, written as if they were UTC.
  const told = (moment) => {
    const at = new Date(moment);
    return `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };

  const chart = window.echarts.init(place, null, { renderer: "canvas", useCoarsePointer: true });
  new ResizeObserver(() => chart.resize()).observe(place);
  chart.on("click", ({ data }) => { if (data?.bar?.link) window.location.href = data.bar.link; });

  const shape = (params, api) => {
    const { bar } = barsOf[params.seriesIndex][params.dataIndex];
    const [start, end, free] = bar.times.map((moment) => api.coord([moment, bar.lane]));
    const height = Math.min(16, api.size([0, 1])[1] * 0.8);
    const area = params.coordSys;
    const box = (from, to, style) => {
      const rect = window.echarts.graphic.clipRectByRect(
        { x: from, y: start[1] - height / 2, width: Math.max(to - from, 1.5), height },
        { x: area.x, y: area.y, width: area.width, height: area.height },
      );
      return rect && { type: "rect", shape: { ...rect, r: 2 }, style };
    };
    const colour = colourOf.get(bar.item);
    const edge = bar.late ? { stroke: "#dc2626", lineWidth: 2 } : { stroke: isDark() ? "#18181b" : "#ffffff", lineWidth: 0.5 };
    const wide = end[0] - start[0];
    const children = [
      box(end[0], free[0], { fill: colour, opacity: 0.3 }),
      box(start[0], end[0], { fill: colour, ...edge }),
    ].filter(Boolean);
    if (wide > 48 && children.length) {
      const from = Math.max(start[0], area.x);
      children.push({
        type: "text",
        style: {
          text: `${bar.item} × ${bar.qty}`, x: from + 4, y: start[1], textVerticalAlign: "middle", fill: "#ffffff", fontSize: 10,
          width: Math.min(end[0], area.x + area.width) - from - 8, overflow: "truncate",
        },
        silent: true,
      });
    }
    return { type: "group", children };
  };

  const barsOf = items.map((item) => bars.filter((bar) => bar.item === item).map((bar) => ({ value: [bar.times[0], bar.times[2], bar.lane], bar })));

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: "Inter, sans-serif" },
      legend: { type: "scroll", top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: "roundRect", textStyle: { color: ink }, pageTextStyle: { color: ink } },
      tooltip: {
        confine: true,
        formatter: ({ data: { bar } }) => [
          `<b>${escape(bar.item)}</b> ${escape(bar.name)}`,
          `${escape(bar.qty)} of order ${escape(bar.order)}, step ${bar.step}`,
          escape(bar.when),
          bar.people && `people: ${escape(bar.people)}`,
          bar.serves && `for ${escape(bar.serves)}`,
          bar.late && `<span style="color:#dc2626">${escape(bar.late)}</span>`,
        ].filter(Boolean).join("<br>"),
      },
      grid: { left: 8, right: 16, top: 36, bottom: 4, containLabel: true },
      xAxis: {
        type: "time", min: begins, max: ends, position: "top", minInterval: 864e5,
        axisLabel: { color: ink, hideOverlap: true, showMaxLabel: false, alignMinLabel: "left", formatter: (value) => `${weekdays[new Date(value).getUTCDay()]} ${told(value).slice(0, 5)}` },
        axisLine: { lineStyle: { color: line } }, splitLine: { show: true, lineStyle: { color: line } },
      },
      yAxis: {
        type: "category", data: lanes, inverse: true, axisTick: { show: false }, axisLabel: { color: ink, interval: 0, fontSize: 11 },
        axisLine: { lineStyle: { color: line } }, splitLine: { show: true, lineStyle: { color: line } },
      },
      dataZoom: [{ type: "inside", xAxisIndex: 0, filterMode: "weakFilter", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false }],
      series: items.map((item, number) => ({
        name: item, type: "custom", renderItem: shape, encode: { x: [0, 1], y: 2 }, itemStyle: { color: colourOf.get(item) }, data: barsOf[number],
      })),
    }, true);
  };

  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
