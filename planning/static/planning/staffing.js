// Draws the people of a plan: heads as steps with hires, extra hours, weeks, cost and cash.
"use strict";

(() => {
  const source = document.getElementById("staffing-data");
  if (!source || !window.echarts) return;

  const data = JSON.parse(source.textContent);
  const scope = document.getElementById("staffing-scope");
  const isDark = () => document.documentElement.classList.contains("dark");
  const kinds = { Direct: "#2563eb", Indirect: "#0d9488", Engineering: "#9333ea", Overhead: "#a8763e" };
  const flows = {
    Milestones: "#0d9488", Deliveries: "#2563eb", Payroll: "#c2410c", Purchases: "#a8763e", Machines: "#71717a",
    Hiring: "#9333ea",
  };
  const charts = {};
  const whole = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 1 });
  const short = (value) =>
    Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : whole(value);

  const open = (id) => {
    const place = document.getElementById(id);
    if (!place) return;
    charts[id] = window.echarts.init(place, null, { renderer: "canvas" });
    // The width is 0 while the page is being laid out.
    new ResizeObserver(() => charts[id].resize()).observe(place);
  };

  const base = (ink, line, names, unit) => ({
    animation: false,
    textStyle: { fontFamily: "Inter, sans-serif" },
    legend: { type: "scroll", top: 0, left: 0, itemWidth: 22, itemHeight: 8, textStyle: { color: ink } },
    tooltip: { trigger: "axis", confine: true, axisPointer: { type: "shadow" }, valueFormatter: (value) => `${whole(value)}${unit}` },
    grid: { left: 8, right: 24, top: 40, bottom: 4, containLabel: true },
    xAxis: {
      type: "category", data: names, axisLabel: { color: ink, hideOverlap: true }, axisTick: { show: false },
      axisLine: { onZero: true, lineStyle: { color: line } },
    },
    yAxis: { type: "value", axisLabel: { color: ink, formatter: short }, splitLine: { lineStyle: { color: line } } },
  });
  const step = (name, values, colour, style = {}) => ({
    name, type: "line", step: "middle", symbol: "none", z: 3, data: values,
    lineStyle: { width: 2, color: colour, ...style }, itemStyle: { color: colour },
  });
  const bar = (name, values, colour, stack) => ({
    name, type: "bar", stack, barMaxWidth: 28, itemStyle: { color: colour, opacity: 0.85 }, data: values,
  });

  // The legend shows a series as it is drawn: a line as its line, bars and areas as a box.
  const show = (id, option) => {
    const boxed = (one) => one.type === "bar" || one.areaStyle;
    option.legend.data = option.series.map((one) => ({ name: one.name, ...(boxed(one) ? { icon: "roundRect" } : {}) }));
    charts[id]?.setOption(option, true);
  };

  const draw = () => {
    const ink = isDark() ? "#d4d4d8" : "#3f3f46";
    const line = isDark() ? "#3f3f46" : "#e4e4e7";
    const strong = isDark() ? "#fafafa" : "#18181b";
    const chosen = scope ? scope.value : "all";
    const heads = data.heads[chosen];
    const money = ` ${data.currency}`;

    show("staffing-heads", {
      ...base(ink, line, data.months, ""),
      series: [
        { ...step("in training", heads.training, "#d97706", { width: 0 }), areaStyle: { color: "#d97706", opacity: 0.22 }, z: 1 },
        { ...bar("hires", heads.hires, "#16a34a", "hires"), barMaxWidth: 14, z: 2 },
        step("productive", heads.productive, isDark() ? "#60a5fa" : "#2563eb"),
        step("paid", heads.paid, strong),
        step("required", heads.required, "#dc2626", { type: "dashed" }),
      ],
    });
    show("staffing-extra", {
      ...base(ink, line, data.months, " h"),
      series: [bar("overtime", heads.overtime, "#d97706", "extra"), bar("temporary people", heads.temporary, "#9333ea", "extra")],
    });
    const weeks = data.weeks.scopes[chosen];
    if (weeks) show("staffing-weeks", {
      ...base(ink, line, data.weeks.weeks.map((week) => week.slice(5)), " h"),
      series: [bar("required", weeks.required_hours, "#2563eb", ""), step("available", weeks.available_hours, strong)],
    });
    show("staffing-cost", {
      ...base(ink, line, data.months, money),
      series: Object.entries(data.cost || {}).map(([kind, values]) => bar(kind.toLowerCase(), values, kinds[kind], "cost")),
    });
    if (data.cash) show("staffing-cash", {
      ...base(ink, line, data.cash.months, money),
      series: [
        ...data.cash.parts.filter((part) => part.data.some(Boolean)).map((part) => bar(part.name.toLowerCase(), part.data, flows[part.name], "cash")),
        {
          ...step("left", data.cash.closing, strong), step: false, symbol: "circle", symbolSize: 5,
          markLine: {
            silent: true, symbol: "none", lineStyle: { color: "#dc2626", type: "dashed" },
            label: { show: data.cash.floor > 0, formatter: "to keep", position: "insideStartTop", color: "#dc2626" }, data: [{ yAxis: data.cash.floor }],
          },
        },
      ],
    });
  };

  ["staffing-heads", "staffing-extra", "staffing-weeks", "staffing-cost", "staffing-cash"].forEach(open);
  draw();
  scope?.addEventListener("change", draw);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
