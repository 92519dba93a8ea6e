import { byId, element } from './elements.js';
import { pair } from './report-tables.js';
import { colour } from './theme.js';

const HEIGHT = 120;
const LEAST_BINS = 16;

/** A card for every metric: what it is, its histogram with the budgets in it, its percentiles. */
export class Distributions {
  constructor(distributions) {
    byId('distributions').hidden = distributions.length === 0;
    const cards = byId('distributions').querySelector('.cards');
    this.charts = distributions.map((each) => {
      const card = element('article');
      card.className = 'distribution';
      const chart = element('div');
      chart.className = 'chart';
      chart.setAttribute('role', 'img');
      chart.setAttribute('aria-label', `Histogram of ${each.name}`);
      const numbers = element('dl');
      numbers.append(...each.summary.map(pair));
      // A few samples far away would have made one bar of all the others.
      if (each.bins.beyond > 0) numbers.append(pair(['further right', String(each.bins.beyond)]));
      card.append(element('h3', each.name), element('p', each.says), chart, numbers);
      cards.append(card);
      return { each, place: chart };
    });
    this.drawn = [];
  }

  /** Anew: the width or the colours have changed. */
  draw() {
    for (const chart of this.drawn) chart.destroy();
    this.drawn = this.charts
      .filter(({ each }) => each.bins.counts.length > 0)
      .map(({ each, place }) => histogram(each, place));
  }
}

function histogram({ bins, limits, p50, p95 }, place) {
  const { fromMs, stepMs, counts } = bins;
  const middles = counts.map((_, index) => fromMs + (index + 0.5) * stepMs);
  const endMs = fromMs + counts.length * stepMs;
  // A budget far from what was measured would squeeze the picture; it is named in the table.
  const near = limits.filter((limit) => limit >= fromMs - (endMs - fromMs) && limit <= endMs + (endMs - fromMs));
  const least = Math.min(fromMs, ...near);
  const greatest = Math.max(endMs, ...near);
  // One bar alone would fill the whole picture and say nothing.
  const room = Math.max((greatest - least) * 0.02, (LEAST_BINS * stepMs - (greatest - least)) / 2);
  const most = Math.max(...counts);
  const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
  /** @type {import('uplot').Options} */
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [least - room, greatest + room] },
      y: { range: () => [0, most * 1.08] },
    },
    axes: [
      {
        size: 24,
        gap: 3,
        space: 60,
        font: '11px system-ui, sans-serif',
        stroke: () => colour('dim'),
        grid: { show: false },
        ticks: { show: false },
        values: (_chart, splits) => splits.map((each) => numbers.format(each)),
      },
      {
        size: 32,
        gap: 3,
        space: 30,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
        font: '11px system-ui, sans-serif',
        stroke: () => colour('dim'),
        grid: { stroke: () => colour('grid'), width: 1 },
        ticks: { show: false },
      },
    ],
    series: [{}, { points: { show: false }, stroke: () => colour('caller'), width: 0 }],
    hooks: {
      draw: [
        (chart) => {
          bars(chart, bins);
          for (const [at, name, dash] of [
            [p50, 'ink', []],
            [p95, 'ink', [3, 3]],
            ...near.map((limit) => [limit, 'bad', []]),
          ])
            if (at !== undefined && at <= greatest) upright(chart, at, name, dash);
        },
      ],
    },
  };
  return new uPlot(options, [middles, counts.map(() => null)], place);
}

/** The chart's own bars leave the first and the last one half outside of the picture. */
function bars(chart, { fromMs, stepMs, counts }) {
  const { ctx } = chart;
  ctx.save();
  ctx.fillStyle = colour('caller');
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const left = chart.valToPos(fromMs + index * stepMs, 'x', true);
    const right = chart.valToPos(fromMs + (index + 1) * stepMs, 'x', true);
    const top = chart.valToPos(count, 'y', true);
    const bottom = chart.valToPos(0, 'y', true);
    ctx.fillRect(left, Math.min(top, bottom - 2), Math.max(1.5, right - left - 1), Math.max(2, bottom - top));
  }
  ctx.restore();
}

function upright(chart, at, name, dash) {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(at, 'x', true));
  ctx.save();
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash(dash.map((each) => each * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
