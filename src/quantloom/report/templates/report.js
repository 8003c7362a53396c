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

// Charts. The horizontal axis counts bars, so closed hours take no room.

const data = JSON.parse(document.getElementById("data").textContent);
const text = data.texts;
const { candles, equity, marks, distribution } = data;
const count = equity.total;
const NARROW = 720;
const linked = ["price-chart", "equity-chart"];
let shown = fullRange();
const MARKS = {
  long_entry: { symbol: "triangle-up", filled: true, color: "up" },
  to_long: { symbol: "triangle-up", filled: true, color: "up" },
  to_short: { symbol: "triangle-down", filled: true, color: "down" },
  long_exit: { symbol: "triangle-down", filled: false, color: "down" },
  short_entry: { symbol: "triangle-down", filled: true, color: "down" },
  short_exit: { symbol: "triangle-up", filled: false, color: "up" },
};

unpackPlotly().then(start, fail);

// The drawing library lies gzipped in the page. Its own script element carries the text whose hash
// the content security policy names.
async function unpackPlotly() {
  const packed = atob(document.getElementById("plotly").textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
  if (!window.Plotly) throw new Error("the drawing library did not start");
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
  Plotly.react("price-chart", priceTraces(colors), priceLayout(colors), config);
  Plotly.react("equity-chart", equityTraces(colors), equityLayout(colors), config);
  if (document.getElementById("distribution-chart")) {
    const layout = distributionLayout(colors);
    Plotly.react("distribution-chart", distributionTraces(colors), layout, {
      ...config,
      displayModeBar: false,
    });
  }
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "panel", "ink", "soft", "rule", "accent", "up", "down"];
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
  const price = number(largest(candles.high), data.decimals);
  const money = number(largest(equity.equity, equity.rebased), 0);
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
  return [ohlc, ...Object.keys(MARKS).filter((kind) => marks.groups[kind]).map(trace)];

  function trace(kind) {
    const group = marks.groups[kind];
    const look = MARKS[kind];
    const color = colors[look.color];
    return {
      type: "scatter",
      mode: "markers",
      name: text[`mark.${kind}`],
      x: group.x,
      y: group.price,
      text: group.x.map((_, i) => markText(kind, group, i)),
      hovertemplate: "%{text}<extra></extra>",
      marker: {
        symbol: look.symbol,
        color: look.filled ? color : colors.paper,
        line: { color, width: 1.2 },
      },
    };
  }
}

function candleText(i) {
  const last = candles.end.length && candles.end[i] !== candles.start[i] ? candles.end[i] : null;
  const when = last ? `${candles.start[i]} – ${last}` : candles.start[i];
  const price = (name) => `${text[`chart.${name}`]} ${number(candles[name][i], data.decimals)}`;
  return [`<b>${when}</b>`, ...["open", "high", "low", "close"].map(price)].join("<br>");
}

function markText(kind, group, i) {
  const lines = [
    `<b>${text[`mark.${kind}`]}</b>`,
    group.time[i],
    `${text["chart.price"]} ${number(group.price[i], data.decimals)}`,
    `${text["chart.quantity"]} ${number(group.quantity[i])}`,
  ];
  if (group.pnl[i] !== null) {
    lines.push(`${text["chart.pnl"]} ${number(group.pnl[i], 2)} ${data.currency}`);
  }
  if (group.tag[i]) lines.push(`${text["chart.tag"]} ${escaped(group.tag[i])}`);
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
  return [
    line(text["chart.rebased"], equity.rebased, {
      line: { color: colors.soft, width: 1 },
      opacity: 0.65,
    }),
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
    `${text["chart.rebased"]} ${number(equity.rebased[i], 2)}`,
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

// Distribution of results

function distributionTraces(colors) {
  const { left, step } = distribution;
  return [
    {
      type: "bar",
      x: left.map((edge) => edge + step / 2),
      y: distribution.count,
      width: step,
      marker: {
        color: left.map((edge) => (edge >= 0 ? colors.up : colors.down)),
        line: { color: colors.paper, width: 1 },
      },
      text: left.map((edge) => `${number(edge)} … ${number(edge + step)} ${data.currency}`),
      textposition: "none",
      hovertemplate: `%{text}<br>${text["chart.count"]} %{y}<extra></extra>`,
    },
  ];
}

function distributionLayout(colors) {
  const layout = baseLayout(colors);
  return {
    ...layout,
    bargap: 0,
    xaxis: { ...layout.xaxis, fixedrange: true, tickformat: "~s", zeroline: true, zerolinecolor: colors.soft },
    yaxis: { ...layout.yaxis, side: "left", tickformat: ",d", rangemode: "tozero" },
  };
}

// Both charts show the same bars, fit their prices to what is in view, and mark time as finely as
// there is room for.

function fullRange() {
  const half = Math.max(candles.per / 2, 0.5);
  return [-half, count - 1 + half];
}

function follow(axis, change) {
  if (!Object.keys(change).some((key) => key.startsWith("xaxis."))) return;
  const isShown = !axis.autorange && axis.range.every((end, i) => end === shown[i]);
  if (!isShown) moveTo(axis.autorange ? fullRange() : axis.range);
}

function moveTo(range) {
  shown = range.slice();
  for (const id of linked) {
    const width = document.getElementById(id).clientWidth;
    const { at, labels } = timeTicks(range, Math.max(2, Math.floor(width / 110)));
    Plotly.relayout(id, {
      "xaxis.range": range.slice(),
      "xaxis.tickvals": at,
      "xaxis.ticktext": labels,
      ...(id === "price-chart" ? priceRanges(range) : equityRanges(range)),
    });
  }
  resizeMarks(range);
}

// Many marks in view must not bury the candles.
function resizeMarks([from, to]) {
  const columns = Object.values(marks.groups).map((group) => group.x);
  const seen = columns.flat().filter((at) => at >= from && at <= to).length;
  const size = seen <= 60 ? 10 : seen <= 300 ? 7 : seen <= 1000 ? 4.5 : 3;
  const rows = columns.map((_, k) => k + 1);
  if (rows.length) Plotly.restyle("price-chart", { "marker.size": size }, rows);
}

function priceRanges(range) {
  return { "yaxis.range": fitted(range, candles.x, [candles.low, candles.high]) };
}

function equityRanges(range) {
  const lowest = extremes(range, equity.x, [equity.drawdown])[0];
  return {
    "yaxis.range": fitted(range, equity.x, [equity.equity, equity.rebased]),
    "yaxis2.range": [Math.min(lowest, -0.01) * 1.08, 0],
  };
}

function fitted(range, x, columns) {
  const [low, high] = extremes(range, x, columns);
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
  const isTime = length > 10 && candles.start[0].length > 10;
  const label = (i) => candles.start[i].slice(...(isTime ? [5, Math.max(length, 16)] : [0, length]));
  return { at: rows.map((i) => candles.x[i]), labels: rows.map(label) };
}

// Words and numbers

function number(value, decimals) {
  const digits = decimals === undefined ? { maximumFractionDigits: 8 } : {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  };
  return value.toLocaleString("en-US", digits).replace("-", "\u2212");
}

function transparent(color, opacity) {
  const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${opacity})`;
}

// The drawing library reads a few tags in its labels; a strategy's own words are no markup.
function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
