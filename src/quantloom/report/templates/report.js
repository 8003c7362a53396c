"use strict";

// Tables first: they need nothing, and must sort even where charts cannot be drawn.

for (const table of document.querySelectorAll("table[data-sortable]")) {
  table.querySelectorAll("th").forEach((head, column) => {
    head.addEventListener("click", () => sortBy(table, head, column));
  });
}

function sortBy(table, head, column) {
  const descends = head.getAttribute("aria-sort") !== "descending";
  const body = table.tBodies[0];
  const key = (row) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
  const rows = [...body.rows].sort((a, b) => compare(key(a), key(b)) * (descends ? -1 : 1));
  body.append(...rows);
  table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", descends ? "descending" : "ascending");
}

// The data and the drawing library lie gzipped in the page.

const NARROW = 720;
const linked = ["price-chart", "equity-chart", "exposure-chart"];
const MARKS = {
  long_entry: { symbol: "triangle-up", filled: true, color: "up" },
  to_long: { symbol: "triangle-up", filled: true, color: "up" },
  to_short: { symbol: "triangle-down", filled: true, color: "down" },
  long_exit: { symbol: "triangle-down", filled: false, color: "down" },
  short_entry: { symbol: "triangle-down", filled: true, color: "down" },
  short_exit: { symbol: "triangle-up", filled: false, color: "up" },
};
let data, text, equity, shown, candles, marks;

unpack("data")
  .then((json) => {
    data = JSON.parse(json);
    ({ texts: text, equity } = data);
    equity.time = equity.time.map(when);
    for (const one of data.instruments) {
      one.marks.x = summed(one.marks.x);
      one.marks.time = summed(one.marks.time);
      one.candles.start = one.candles.start.map(when);
      one.candles.end = one.candles.end.map(when);
    }
    choose(0);
    shown = fullRange();
    if (document.getElementById("trips")) openTrips();
    return unpackPlotly();
  })
  .then(start)
  .catch(fail);

async function unpack(id) {
  const packed = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Its own script element carries the text whose hash the content security policy names.
async function unpackPlotly() {
  const script = document.createElement("script");
  script.textContent = await unpack("plotly");
  document.head.append(script);
  if (!window.Plotly) throw new Error("the drawing library did not start");
}

// Seconds of the market's own clock, so that no zone is needed here.
function when(seconds) {
  return new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, data.letters);
}

// Numbers that rise are kept as their differences.
function summed(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

function choose(place) {
  ({ candles, marks } = data.instruments[place]);
}

function fail(error) {
  console.error(error);
  for (const note of document.querySelectorAll(".pending")) {
    note.textContent = document.getElementById("chart-failed").textContent;
    note.parentElement.classList.add("failed");
  }
}

function start() {
  for (const note of document.querySelectorAll(".pending")) note.remove();
  draw();
  for (const id of linked) {
    const chart = document.getElementById(id);
    chart.on("plotly_relayout", (change) => follow(chart.layout.xaxis, change));
  }
  moveTo(shown);
  const chooser = document.getElementById("instrument");
  chooser?.addEventListener("change", () => {
    choose(chooser.selectedIndex);
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // Paper is white, whatever the screen is.
  window.addEventListener("beforeprint", () => redrawOn(true));
  window.addEventListener("afterprint", () => redrawOn(false));
}

function redrawOn(paper) {
  document.documentElement.toggleAttribute("data-paper", paper);
  redraw();
}

function redraw() {
  draw();
  moveTo(shown);
  for (const chart of document.querySelectorAll(".chart")) Plotly.relayout(chart, { autosize: true });
}

function draw() {
  const colors = palette();
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: document.body.clientWidth > NARROW,
    // Named one by one: the usual set has a button that uploads the chart.
    modeBarButtons: [["toImage"], ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
    plotlyServerURL: "",
  };
  const drawn = {
    "price-chart": [priceTraces, priceLayout],
    "equity-chart": [equityTraces, equityLayout],
    "exposure-chart": [exposureTraces, exposureLayout],
    "rolling-chart": [rollingTraces, rollingLayout],
    "luck-days-chart": [(colors) => bandTraces(colors, data.luck.days), bandLayout],
    "luck-trades-chart": [(colors) => bandTraces(colors, data.luck.trades), bandLayout],
    "returns-chart": [returnsTraces, returnsLayout],
    "distribution-chart": [distributionTraces, distributionLayout],
    "excursion-chart": [excursionTraces, excursionLayout],
  };
  for (const [id, [traces, layout]] of Object.entries(drawn)) {
    if (!document.getElementById(id)) continue;
    const bar = linked.slice(0, 2).includes(id) && config.displayModeBar;
    Plotly.react(id, traces(colors), layout(colors), { ...config, displayModeBar: bar });
  }
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "panel", "ink", "soft", "rule", "accent", "caution", "up", "down"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function baseLayout(colors) {
  const axis = {
    gridcolor: colors.rule,
    linecolor: colors.rule,
    zeroline: false,
    ticks: "",
    fixedrange: true,
    automargin: true,
  };
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colors.soft },
    margin: { l: 2, r: 2, t: 8, b: 28 },
    // A finger that drags wants to scroll the page.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    hoverlabel: {
      bgcolor: colors.panel,
      bordercolor: colors.rule,
      font: { color: colors.ink },
      align: "left",
    },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colors.soft, activecolor: colors.accent },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", itemsizing: "constant" },
    xaxis: { ...axis, showgrid: false, fixedrange: false, rangeslider: { visible: false } },
    yaxis: { ...axis, side: "right" },
  };
}

// Both charts leave the same room for prices and money, so a bar stands at one place in them.
function sideBySide(layout) {
  const largest = (...columns) => columns.flat().reduce((a, b) => Math.max(a, b));
  const highest = Math.max(...data.instruments.map((one) => largest(one.candles.high)));
  const price = number(highest, data.instruments[0].decimals);
  const money = number(largest(equity.equity, equity.rebased ?? [], data.benchmark?.value ?? []), 0);
  const room = Math.max(price.length, money.length, "\u2212100%".length) * 7 + 12;
  return {
    margin: { ...layout.margin, r: room },
    xaxis: { ...layout.xaxis, range: shown.slice() },
  };
}

// Price and trades

function priceTraces(colors) {
  const ohlc = {
    type: "candlestick",
    x: candles.x,
    open: candles.open,
    high: candles.high,
    low: candles.low,
    close: candles.close,
    text: candles.x.map((_, i) => candleText(i)),
    hoverinfo: "text",
    increasing: { line: { color: colors.up, width: 1 }, fillcolor: colors.up },
    decreasing: { line: { color: colors.down, width: 1 }, fillcolor: colors.down },
    opacity: 0.75,
    showlegend: false,
  };
  return [ohlc, ...kindsHere().map(trace)];

  function trace(kind) {
    const look = MARKS[kind];
    const color = colors[look.color];
    return {
      type: "scatter",
      mode: "markers",
      name: text[`mark.${kind}`],
      ...placed(kind, shown),
      hovertemplate: "%{text}<extra></extra>",
      marker: {
        symbol: look.symbol,
        color: look.filled ? color : colors.paper,
        line: { color, width: 1.2 },
      },
    };
  }
}

function kindsHere() {
  const present = new Set(marks.kind);
  return Object.keys(MARKS).filter((kind) => present.has(data.kinds.indexOf(kind)));
}

// The marks of one kind in view. Of marks that would lie on each other one is drawn: thousands of
// them cannot be told apart and make the page slow; zooming in parts them.
function placed(kind, [from, to]) {
  const code = data.kinds.indexOf(kind);
  const chart = document.getElementById("price-chart");
  const [low, high] = priceRanges([from, to])["yaxis.range"];
  const many = marks.x.length > 1000;
  const wide = (to - from) / (chart.clientWidth / 4);
  const tall = (high - low) / (chart.clientHeight / 4);
  const taken = new Set();
  const rows = [];
  marks.kind.forEach((one, i) => {
    if (one !== code || marks.x[i] < from || marks.x[i] > to) return;
    const place = `${Math.round(marks.x[i] / wide)}:${Math.round(marks.price[i] / tall)}`;
    if (many && taken.has(place)) return;
    taken.add(place);
    rows.push(i);
  });
  return {
    x: rows.map((i) => marks.x[i]),
    y: rows.map((i) => marks.price[i]),
    text: rows.map((i) => markText(kind, i)),
  };
}

function candleText(i) {
  const last = candles.end.length && candles.end[i] !== candles.start[i] ? candles.end[i] : null;
  const date = last ? `${candles.start[i]} – ${last}` : candles.start[i];
  const price = (name) => `${text[`chart.${name}`]} ${number(candles[name][i], decimals())}`;
  return [`<b>${date}</b>`, ...["open", "high", "low", "close"].map(price)].join("<br>");
}

function decimals() {
  return data.instruments.find((one) => one.candles === candles).decimals;
}

function markText(kind, i) {
  const lines = [
    `<b>${text[`mark.${kind}`]}</b>`,
    when(marks.time[i]),
    `${text["chart.price"]} ${number(marks.price[i], decimals())}`,
    `${text["chart.quantity"]} ${number(marks.quantity[i])}`,
  ];
  if (marks.pnl[i] !== null) {
    lines.push(`${text["chart.pnl"]} ${number(marks.pnl[i], 2)} ${data.currency}`);
  }
  if (marks.tag[i]) lines.push(`${text["chart.tag"]} ${escaped(marks.tag[i])}`);
  return lines.join("<br>");
}

function priceLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    ...sideBySide(layout),
    hovermode: "closest",
    yaxis: { ...layout.yaxis, automargin: false, tickformat: "," },
  };
}

// Equity and drawdown

function equityTraces(colors) {
  const hasLine = equity.x.length > 1;
  const line = (name, y, style) => ({
    type: "scatter",
    mode: hasLine ? "lines" : "markers",
    name,
    x: equity.x,
    y,
    hoverinfo: "skip",
    ...style,
  });
  const faint = { line: { color: colors.soft, width: 1 }, opacity: 0.65 };
  const beside = [];
  if (equity.rebased) beside.push(line(text["chart.rebased"], equity.rebased, faint));
  if (data.benchmark) {
    const { symbol, x, value } = data.benchmark;
    const name = text["chart.benchmark"].replace("{symbol}", escaped(symbol));
    const dashed = { line: { color: colors.caution, width: 1.2, dash: "dot" } };
    beside.push({ ...line(name, value, dashed), x });
  }
  return [
    ...beside,
    line(text["chart.equity"], equity.equity, {
      line: { color: colors.accent, width: 1.8 },
      hoverinfo: "all",
      text: equity.x.map((_, i) => equityText(i)),
      hovertemplate: "%{text}<extra></extra>",
    }),
    line(text["chart.drawdown"], equity.drawdown, {
      yaxis: "y2",
      line: { color: colors.down, width: 1 },
      fill: hasLine ? "tozeroy" : "none",
      fillcolor: transparent(colors.down, 0.18),
    }),
  ];
}

function equityText(i) {
  return [
    `<b>${equity.time[i]}</b>`,
    `${text["chart.equity"]} ${number(equity.equity[i], 2)} ${data.currency}`,
    `${text["chart.drawdown"]} ${number(equity.drawdown[i], 2)}%`,
    ...(equity.rebased ? [`${text["chart.rebased"]} ${number(equity.rebased[i], 2)}`] : []),
  ].join("<br>");
}

function equityLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    ...sideBySide(layout),
    hovermode: "x",
    xaxis: {
      ...layout.xaxis,
      range: shown.slice(),
      anchor: "y2",
      showspikes: true,
      spikemode: "across",
      spikethickness: 1,
      spikedash: "solid",
      spikecolor: colors.soft,
    },
    yaxis: { ...layout.yaxis, automargin: false, domain: [0.34, 1], tickformat: "," },
    yaxis2: { ...layout.yaxis, automargin: false, domain: [0, 0.27], ticksuffix: "%", nticks: 4 },
  };
}

// Exposure

function exposureTraces(colors) {
  const { x, net, gross } = data.exposure;
  const area = (name, y, color, opacity) => ({
    type: "scatter",
    mode: x.length > 1 ? "lines" : "markers",
    name: text[`chart.${name}`],
    x,
    y,
    line: { color, width: 1, shape: "hv" },
    fill: x.length > 1 ? "tozeroy" : "none",
    fillcolor: transparent(color, opacity),
    hovertemplate: "%{y:,.1f}%<extra></extra>",
  });
  const isLongOnly = net.every((value, i) => value === gross[i]);
  const both = [area("gross", gross, colors.soft, 0.12), area("net", net, colors.accent, 0.2)];
  return isLongOnly ? both.slice(1) : both;
}

function exposureLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    ...sideBySide(layout),
    hovermode: "x",
    showlegend: true,
    yaxis: { ...layout.yaxis, automargin: false, ticksuffix: "%", nticks: 5, zeroline: true, zerolinecolor: colors.rule },
  };
}

// Rolling figures

function rollingTraces(colors) {
  const { day, sharpe, volatility } = data.rolling;
  const line = (name, y, color, axis) => ({
    type: "scatter",
    mode: day.length > 1 ? "lines" : "markers",
    name: text[`chart.${name}`],
    x: day,
    y,
    yaxis: axis,
    line: { color, width: 1.3 },
    hovertemplate: "%{x|%Y-%m-%d} · %{y:,.2f}<extra></extra>",
  });
  return [line("sharpe", sharpe, colors.accent, "y"), line("volatility", volatility, colors.caution, "y2")];
}

function rollingLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    hovermode: "closest",
    xaxis: { ...layout.xaxis, type: "date", fixedrange: true, anchor: "y2", tickformat: "%Y-%m-%d", nticks: 8 },
    yaxis: { ...layout.yaxis, domain: [0.42, 1], zeroline: true, zerolinecolor: colors.soft, nticks: 5 },
    yaxis2: { ...layout.yaxis, domain: [0, 0.33], ticksuffix: "%", rangemode: "tozero", nticks: 4 },
  };
}

// How else it might have ended

function bandTraces(colors, { x, bands, measured }) {
  const [low, lower, middle, upper, high] = bands;
  const edge = (y, more) => ({ type: "scatter", mode: "lines", x, y, line: { width: 0 }, hoverinfo: "skip", showlegend: false, ...more });
  const filled = (y, name, opacity) => edge(y, {
    name: text[`chart.${name}`],
    fill: "tonexty",
    fillcolor: transparent(colors.accent, opacity),
    showlegend: true,
  });
  const line = (y, name, color, dash) => ({
    type: "scatter",
    mode: "lines",
    name: text[`chart.${name}`],
    x,
    y,
    line: { color, width: 1.4, dash },
    hovertemplate: "%{x} · %{y:,.2f}<extra></extra>",
  });
  return [
    edge(low),
    filled(high, "band_wide", 0.12),
    edge(lower),
    filled(upper, "band_half", 0.22),
    line(middle, "band_middle", colors.soft, "dot"),
    line(measured, "band_measured", colors.accent, "solid"),
  ];
}

function bandLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    hovermode: "closest",
    showlegend: true,
    xaxis: { ...layout.xaxis, fixedrange: true, nticks: 6 },
    yaxis: { ...layout.yaxis, nticks: 5 },
  };
}

// Distributions

function barTraces(colors, counted, { unit, count, color }) {
  const { left, step } = counted;
  return {
    type: "bar",
    x: left.map((edge) => edge + step / 2),
    y: counted.count,
    width: step,
    showlegend: false,
    marker: {
      color: color ?? left.map((edge) => (edge >= 0 ? colors.up : colors.down)),
      line: { color: colors.paper, width: 1 },
    },
    text: left.map((edge) => `${number(edge)} … ${number(tidy(edge + step))}${unit}`),
    textposition: "none",
    hovertemplate: `%{text}<br>${count} %{y}<extra></extra>`,
  };
}

function distributionTraces(colors) {
  const count = text["chart.count"];
  return [barTraces(colors, data.distribution, { unit: ` ${data.currency}`, count })];
}

function distributionLayout(colors) {
  const layout = baseLayout(colors);
  // Of amounts below a thousand the short form makes 500m, for thousandths.
  const { left, step } = data.distribution;
  const isLarge = left.length > 0 && Math.max(-left[0], left.at(-1) + step) >= 1000;
  return {
    ...layout,
    bargap: 0,
    xaxis: { ...layout.xaxis, fixedrange: true, tickformat: isLarge ? "~s" : "", zeroline: true, zerolinecolor: colors.soft },
    yaxis: { ...layout.yaxis, side: "left", tickformat: ",d", rangemode: "tozero" },
  };
}

function returnsTraces(colors) {
  const counted = data.returns;
  const bars = barTraces(colors, counted, { unit: "%", count: text["chart.days"], color: colors.accent });
  if (!counted.normal) return [bars];
  const normal = {
    type: "scatter",
    mode: "lines",
    name: text["chart.normal"],
    x: bars.x,
    y: counted.normal,
    line: { color: colors.ink, width: 1.4, shape: "spline", dash: "dot" },
    hoverinfo: "skip",
  };
  return [bars, normal];
}

function returnsLayout(colors) {
  const layout = distributionLayout(colors);
  const at = data.returns.value_at_risk;
  return {
    ...layout,
    xaxis: { ...layout.xaxis, tickformat: "", exponentformat: "none", ticksuffix: "%", nticks: 7 },
    shapes: [{ type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color: colors.caution, width: 1.2 } }],
    annotations: [{
      x: at, y: 1, yref: "paper", xanchor: "right", yanchor: "top", xshift: -4, showarrow: false,
      text: text["chart.value_at_risk"], font: { color: colors.caution, size: 11 },
    }],
  };
}

// Excursions

function excursionTraces(colors) {
  const dots = data.excursions;
  const rows = (won) => dots.won.map((one, i) => [one, i]).filter(([one]) => one === won).map(([, i]) => i);
  const trace = (won, axis, column) => {
    const here = rows(won);
    const color = won ? colors.up : colors.down;
    return {
      type: "scatter",
      mode: "markers",
      name: text[won ? "chart.won" : "chart.lost"],
      legendgroup: won,
      showlegend: axis === "",
      x: here.map((i) => dots[column][i]),
      y: here.map((i) => dots.return[i]),
      xaxis: `x${axis}`,
      marker: { color, size: 5, opacity: 0.55, symbol: won ? "circle" : "x-thin", line: { color, width: won ? 0 : 1.2 } },
      hovertemplate: "%{x:.2f}% → %{y:.2f}%<extra></extra>",
    };
  };
  return [trace(1, "", "adverse"), trace(0, "", "adverse"), trace(1, "2", "favourable"), trace(0, "2", "favourable")];
}

function excursionLayout(colors) {
  const layout = baseLayout(colors);
  const axis = (name, domain) => ({
    ...layout.xaxis,
    fixedrange: true,
    domain,
    rangemode: "tozero",
    nticks: 5,
    title: { text: text[`chart.${name}`], font: { size: 11 }, standoff: 6 },
  });
  return {
    ...layout,
    margin: { ...layout.margin, b: 44 },
    hovermode: "closest",
    xaxis: axis("adverse", [0, 0.47]),
    xaxis2: axis("favourable", [0.53, 1]),
    yaxis: { ...layout.yaxis, side: "left", ticksuffix: "%", zeroline: true, zerolinecolor: colors.soft, nticks: 6 },
  };
}

// The linked charts show the same bars, fit their prices to what is in view, and mark time as finely as
// there is room for.

function fullRange() {
  const half = Math.max(...data.instruments.map((one) => one.candles.per / 2), 0.5);
  return [-half, equity.total - 1 + half];
}

function follow(axis, change) {
  if (!Object.keys(change).some((key) => key.startsWith("xaxis."))) return;
  const isShown = !axis.autorange && axis.range.every((end, i) => end === shown[i]);
  if (!isShown) moveTo(axis.autorange ? fullRange() : axis.range);
}

function moveTo(range) {
  shown = range.slice();
  const ranges = { "price-chart": priceRanges, "equity-chart": equityRanges, "exposure-chart": exposureRanges };
  for (const id of linked) {
    const width = document.getElementById(id).clientWidth;
    const { at, labels } = timeTicks(range, Math.max(2, Math.floor(width / 110)));
    Plotly.relayout(id, {
      "xaxis.range": range.slice(),
      "xaxis.tickvals": at,
      "xaxis.ticktext": labels,
      ...ranges[id](range),
    });
  }
  placeMarks(range);
}

// Many marks in view must not bury the candles.
function placeMarks(range) {
  const found = kindsHere().map((kind) => placed(kind, range));
  const seen = found.reduce((sum, { x }) => sum + x.length, 0);
  const size = seen <= 60 ? 10 : seen <= 300 ? 7 : seen <= 1000 ? 4.5 : 3;
  const style = { "marker.size": size, "marker.opacity": seen <= 1000 ? 1 : 0.4, "marker.line.width": seen <= 300 ? 1.2 : 0.6 };
  if (!found.length) return;
  const change = { x: found.map((one) => one.x), y: found.map((one) => one.y), text: found.map((one) => one.text) };
  Plotly.restyle("price-chart", { ...change, ...style }, found.map((_, k) => k + 1));
}

function priceRanges(range) {
  return { "yaxis.range": fitted(range, [candles.x, [candles.low, candles.high]]) };
}

function equityRanges(range) {
  const lowest = extremes(range, equity.x, [equity.drawdown])[0];
  const beside = data.benchmark ? [[data.benchmark.x, [data.benchmark.value]]] : [];
  return {
    "yaxis.range": fitted(range, ...beside, [equity.x, [equity.equity, ...(equity.rebased ? [equity.rebased] : [])]]),
    "yaxis2.range": [Math.min(lowest, -0.01) * 1.08, 0],
  };
}

function exposureRanges(range) {
  const { x, net, gross } = data.exposure;
  const [low, high] = extremes(range, x, [net, gross]);
  return { "yaxis.range": [Math.min(low, 0) * 1.08, Math.max(high, 0.01) * 1.08] };
}

function fitted(range, ...groups) {
  const found = groups.map(([x, columns]) => extremes(range, x, columns));
  const low = Math.min(...found.map((ends) => ends[0]));
  const high = Math.max(...found.map((ends) => ends[1]));
  const room = (high - low || Math.abs(high) * 0.02 || 1) * 0.06;
  return [low - room, high + room];
}

function extremes([from, to], x, columns) {
  let low = Infinity;
  let high = -Infinity;
  x.forEach((at, i) => {
    if (at < from || at > to) return;
    for (const column of columns) {
      low = Math.min(low, column[i]);
      high = Math.max(high, column[i]);
    }
  });
  return low <= high ? [low, high] : [0, 1];
}

// Ticks stand where a year, month, day, hour, ten minutes, a minute or a second begins: the finest
// of them that has room, or every so many of one finer.
function timeTicks([from, to], most) {
  const inView = candles.x.map((_, i) => i).filter((i) => candles.x[i] >= from && candles.x[i] <= to);
  let finer = null;
  for (const length of [19, 16, 15, 13, 10, 7, 4]) {
    const first = inView.filter((i) => i === 0 || starts(i, length));
    if (first.length <= most) {
      return first.length >= Math.min(4, most) || !finer ? ticks(first, length) : finer;
    }
    const every = Math.ceil(first.length / most);
    finer = ticks(first.filter((_, k) => k % every === 0), length);
  }
  return finer;
}

function starts(i, length) {
  return candles.start[i].slice(0, length) !== candles.start[i - 1].slice(0, length);
}

function ticks(rows, length) {
  const isTime = length > 10 && data.letters > 10;
  const label = (i) => candles.start[i].slice(...(isTime ? [5, Math.max(length, 16)] : [0, length]));
  return { at: rows.map((i) => candles.x[i]), labels: rows.map(label) };
}

// Words and numbers

// A format takes long to make and no time to use.
const formats = new Map();

function number(value, decimals) {
  if (!formats.has(decimals)) {
    const digits = decimals === undefined ? { maximumFractionDigits: 8 } : {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    };
    formats.set(decimals, new Intl.NumberFormat("en-US", digits));
  }
  return formats.get(decimals).format(value).replace("-", "\u2212");
}

// Sums of steps such as 0.1 have digits that nobody meant.
function tidy(value) {
  return Number(value.toPrecision(10));
}

function transparent(color, opacity) {
  const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${opacity})`;
}

// The drawing library reads a few tags in its labels; a strategy's own words are no markup.
function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

// The table of round trips: all of them, where the page as it was written has the last few.

function openTrips() {
  const PAGE = 50;
  const columns = data.trips;
  for (const column of columns) {
    if (column.kind === "time") column.values = summed(column.values);
  }
  const count = columns[0].values.length;
  const place = document.getElementById("trips");
  const table = place.querySelector("table");
  const heads = [...table.tHead.rows[0].cells];
  document.getElementById("trips-cut").remove();
  let order = Array.from({ length: count }, (_, i) => count - 1 - i);
  let found = order;
  let first = 0;
  let words = null;

  const finder = document.createElement("div");
  finder.className = "finder screen-only";
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "search" });
  label.append(text["page.search"], input);
  const pages = document.createElement("div");
  pages.className = "pages";
  const told = document.createElement("span");
  told.setAttribute("aria-live", "polite");
  const button = (key, step) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text[key] });
    made.addEventListener("click", () => show(first + step * PAGE));
    return made;
  };
  const earlier = button("page.earlier", -1);
  const later = button("page.later", 1);
  pages.append(told, earlier, later);
  finder.append(label, pages);
  place.prepend(finder);

  heads.forEach((head, at) => {
    const press = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    head.replaceChildren(press);
    head.addEventListener("click", () => sort(head, columns[at]));
  });
  input.addEventListener("input", search);
  window.addEventListener("beforeprint", () => show(0));
  show(0);

  function sort(head, column) {
    const descends = head.getAttribute("aria-sort") !== "descending";
    const key = column.words.length ? (i) => column.words[column.values[i]] : (i) => column.values[i] ?? -Infinity;
    const compare = column.words.length ? (a, b) => key(a).localeCompare(key(b)) : (a, b) => key(a) - key(b) || 0;
    order = order.slice().sort((a, b) => compare(a, b) * (descends ? -1 : 1));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descends ? "descending" : "ascending");
    search();
  }

  // Every word must occur somewhere in the row, as it is shown.
  function search() {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (wanted.length && !words) {
      words = Array.from({ length: count }, (_, i) => columns.map((one) => spelled(one, i)).join(" ").toLowerCase());
    }
    found = wanted.length ? order.filter((i) => wanted.every((word) => words[i].includes(word))) : order;
    show(0);
  }

  function show(from) {
    first = Math.max(0, Math.min(from, found.length - 1));
    const rows = found.slice(first, first + PAGE);
    table.tBodies[0].replaceChildren(...rows.map(line));
    const facts = { from: number(first + 1), to: number(first + rows.length), total: number(found.length) };
    told.textContent = rows.length
      ? text["page.found"].replace(/{(\w+)}/g, (_, name) => facts[name])
      : text["page.none"];
    earlier.disabled = first === 0;
    later.disabled = first + PAGE >= found.length;
  }

  function line(i) {
    const row = document.createElement("tr");
    for (const column of columns) {
      const cell = row.insertCell();
      cell.textContent = spelled(column, i);
      if (column.kind !== "text" && column.kind !== "time") cell.classList.add("num");
      if (column.is_gain && column.values[i]) cell.classList.add(column.values[i] > 0 ? "up" : "down");
    }
    return row;
  }
}

function spelled(column, i) {
  const value = column.values[i];
  if (value === null) return "\u2013";
  if (column.kind === "text") return column.words[value];
  if (column.kind === "time") return when(value);
  if (column.kind === "percent") return `${number(value * 100, 2)}%`;
  if (column.kind === "held") return heldFor(value);
  return number(value, column.decimals ?? undefined);
}

function heldFor(seconds) {
  const told = (key, count) => text[`held.${key}`].replace("{count}", count);
  if (seconds >= 2 * 86400) return told("days", number(seconds / 86400, 0));
  if (seconds >= 2 * 3600) return told("hours", number(seconds / 3600, 1));
  return told("minutes", number(seconds / 60, 0));
}
