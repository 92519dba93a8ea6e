import { byId } from './elements.js';
import { RATE } from './sound.js';
import { clockText, colour } from './theme.js';

const LANE_HEIGHT = 104;
const BUFFER_HEIGHT = 72;
const AXIS_HEIGHT = 26;
const INCREMENTS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** Both waveforms and the buffer: three charts with one time axis, whatever is drawn on them, and what is done to them. */
export class Plots {
  constructor({ data, peaks, view, seek }) {
    this.data = data;
    this.peaks = peaks;
    this.view = view;
    this.seek = seek;
    const waves = (index) => ({
      series: [{}, { stroke: () => colour(LANES[index]), width: 1 }, { stroke: () => colour(LANES[index]), width: 1 }],
      bands: [{ series: [2, 1], fill: () => colour(LANES[index]) }],
      range: [-1, 1],
      data: () => this.wave(index),
    });
    const deepest = data.depth.waitingMs.reduce((most, each) => Math.max(most, each), 0);
    const buffer = {
      series: [{}, { stroke: () => colour('buffer'), fill: () => colour('buffer-fill'), width: 1 }],
      bands: [],
      range: [0, Math.max(100, deepest * 1.15)],
      data: () => this.buffer,
    };
    this.buffer = [data.depth.atMs.map((ms) => ms / 1000), data.depth.waitingMs];
    this.sources = [() => this.wave(0), () => this.wave(1), () => this.buffer];
    this.charts = [
      this.chart('caller-lane', LANE_HEIGHT, waves(0), { axis: true, under: (chart) => this.underCaller(chart) }),
      this.chart('agent-lane', LANE_HEIGHT, waves(1), { under: (chart) => this.underAgent(chart) }),
      this.chart('buffer-lane', BUFFER_HEIGHT, buffer, { under: (chart) => this.underBuffer(chart) }),
    ];
    byId('buffer-chip').textContent = `buffer, at most ${(deepest / 1000).toFixed(1)} s`;
    view.onChange(() => this.draw());
  }

  chart(id, height, { series, bands, range, data }, { axis = false, under }) {
    const place = byId(id);
    /** @type {import('uplot').Options} */
    const options = {
      width: place.clientWidth,
      height: height + (axis ? AXIS_HEIGHT : 0),
      padding: [0, 0, 0, 0],
      pxAlign: 0,
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [this.view.fromMs / 1000, this.view.toMs / 1000] },
        y: { range: () => range },
      },
      axes: [
        {
          side: 0,
          size: axis ? AXIS_HEIGHT : 0,
          incrs: INCREMENTS,
          space: 70,
          gap: 4,
          align: 1,
          font: '11px system-ui, sans-serif',
          stroke: () => colour('dim'),
          grid: { stroke: () => colour('grid'), width: 1 },
          ticks: { show: false },
          values: (_chart, splits, _index, _space, increment) =>
            axis ? splits.map((s) => clockText(s * 1000, Math.max(0, Math.ceil(-Math.log10(increment))))) : [],
        },
        { show: false },
      ],
      series: series.map((each) => ({ ...each, points: { show: false } })),
      bands,
      cursor: {
        y: false,
        points: { show: false },
        sync: { key: 'call' },
        drag: { x: true, y: false, setScale: false },
      },
      hooks: {
        drawClear: [under],
        setSelect: [(chart) => this.select(chart)],
      },
    };
    return new uPlot(options, data(), place);
  }

  /** A selection that was drawn with the mouse becomes the view; the other charts hear of it and have nothing to do. */
  select(chart) {
    const { left, width } = chart.select;
    if (width < 4) return;
    const whole = chart.over.clientWidth;
    const from = this.view.msAt(left / whole);
    const to = this.view.msAt((left + width) / whole);
    for (const each of this.charts) each.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.view.show(from, to);
  }

  resize() {
    for (const chart of this.charts) {
      const width = chart.root.parentElement.clientWidth;
      if (width > 0 && width !== chart.width) chart.setSize({ width, height: chart.height });
    }
    this.draw();
  }

  draw() {
    for (const [index, chart] of this.charts.entries()) {
      chart.batch(() => {
        chart.setData(this.sources[index](), false);
        chart.setScale('x', { min: this.view.fromMs / 1000, max: this.view.toMs / 1000 });
      });
    }
  }

  /** One lane in the view, a column for every pixel or, closer up, for every sample. */
  wave(index) {
    const { view } = this;
    const width = Math.max(50, byId('caller-lane').clientWidth);
    const from = (view.fromMs / 1000) * RATE;
    const to = (view.toMs / 1000) * RATE;
    const columns = Math.max(2, Math.min(width, Math.ceil(to - from)));
    const step = (to - from) / columns;
    const times = new Float64Array(columns);
    const lows = new Float64Array(columns);
    const highs = new Float64Array(columns);
    for (let column = 0; column < columns; column++) {
      const at = from + column * step;
      const [low, high] = this.peaks[index].column(at, at + step);
      times[column] = (at + step / 2) / RATE;
      lows[column] = shown(low);
      highs[column] = shown(high);
    }
    return [times, lows, highs];
  }

  underCaller(chart) {
    for (const { startMs, endMs } of this.data.sounds) this.span(chart, startMs, endMs, 'sound-tint');
    for (const { startMs, endMs, interrupts } of this.data.speech)
      this.span(chart, startMs, endMs, interrupts ? 'stop-tint' : 'caller-tint');
    this.interruptions(chart);
    this.findings(chart);
  }

  underAgent(chart) {
    for (const { startMs, endMs } of this.data.answers) this.span(chart, startMs, endMs, 'agent-tint');
    this.interruptions(chart);
    for (const [atMs] of this.data.clears) this.line(chart, atMs, 'clear');
    this.findings(chart);
  }

  underBuffer(chart) {
    this.interruptions(chart);
    for (const [atMs] of this.data.clears) this.line(chart, atMs, 'clear');
  }

  interruptions(chart) {
    for (const { startMs, silentMs, clearMs } of this.data.interruptions)
      this.span(chart, startMs, silentMs ?? clearMs ?? startMs + 60, 'stop-tint');
  }

  findings(chart) {
    for (const { atMs, level } of this.data.findings)
      this.line(chart, atMs, level === 'error' ? 'bad' : 'warn', [3, 3]);
  }

  span(chart, fromMs, toMs, name) {
    const { left, top, width, height } = chart.bbox;
    const from = Math.max(0, this.view.shareOf(fromMs));
    const to = Math.min(1, this.view.shareOf(toMs));
    if (to <= 0 || from >= 1) return;
    chart.ctx.fillStyle = colour(name);
    chart.ctx.fillRect(left + from * width, top, Math.max(1, (to - from) * width), height);
  }

  line(chart, atMs, name, dash = []) {
    const share = this.view.shareOf(atMs);
    if (share < 0 || share > 1) return;
    const { ctx, bbox } = chart;
    const x = bbox.left + share * bbox.width;
    ctx.save();
    ctx.strokeStyle = colour(name);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(dash.map((each) => each * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}

const LANES = ['caller', 'agent'];

/** Quiet speech is to be seen too, without making everything equally loud. Full scale is the edge. */
function shown(sample) {
  return Math.sign(sample) * (Math.abs(sample) / 32768) ** 0.6;
}
