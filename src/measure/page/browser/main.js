import { byId } from './elements.js';
import { Log } from './log.js';
import { Player } from './player.js';
import { Plots } from './plots.js';
import { Peaks, RATE, unpackLane } from './sound.js';
import { Strips } from './strips.js';
import { fillPage } from './tables.js';
import { colour } from './theme.js';
import { View } from './view.js';

async function openPage() {
  const data = JSON.parse(byId('data').textContent);
  let player;
  const seek = (ms) => player?.seek(ms);
  fillPage(data, seek);
  const log = new Log({ data, seek });
  const sounds = ['caller-sound', 'agent-sound'].map((id) => byId(id));
  const lanes = await Promise.all(sounds.map((each) => unpackLane(each.textContent, data.samples)));
  for (const each of sounds) each.remove();

  const view = new View(data.durationMs);
  const peaks = lanes.map((lane) => new Peaks(lane));
  const plots = new Plots({ data, peaks, view, seek });
  const strips = new Strips({ data, view, seek });
  const overview = new Overview(peaks, view);
  player = new Player({ lanes, view, onMove: (ms) => log.follow(ms) });
  const redraw = () => {
    plots.resize();
    strips.place();
    overview.draw();
  };
  listen(view, player);
  new ResizeObserver(redraw).observe(byId('stage'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  redraw();
  document.documentElement.dataset.ready = 'yes';
}

function listen(view, player) {
  const stage = byId('stage');
  const msAt = (event) => {
    const { left, width } = stage.getBoundingClientRect();
    return view.msAt((event.clientX - left) / width);
  };
  let pressedAt;
  stage.addEventListener('pointerdown', (event) => {
    pressedAt = event.clientX;
  });
  stage.addEventListener('click', (event) => {
    // The end of a drag is a click too: it has zoomed.
    if (pressedAt !== undefined && Math.abs(event.clientX - pressedAt) < 4) player.seek(msAt(event));
  });
  stage.addEventListener('dblclick', () => view.fit());
  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const delta = (event.deltaX + event.deltaY) * (event.deltaMode === 1 ? 16 : 1);
      if (sideways) view.move((delta / stage.clientWidth) * view.spanMs);
      else view.zoom(1.0015 ** delta, msAt(event));
    },
    { passive: false },
  );
  const zoom = (factor) => {
    const seen = player.ms >= view.fromMs && player.ms <= view.toMs;
    view.zoom(factor, seen ? player.ms : (view.fromMs + view.toMs) / 2);
  };
  byId('zoom-in').addEventListener('click', () => zoom(0.5));
  byId('zoom-out').addEventListener('click', () => zoom(2));
  byId('zoom-fit').addEventListener('click', () => view.fit());
  const keys = {
    ' ': () => player.toggle(),
    ArrowLeft: (shift) => player.seek(player.ms - (shift ? 5000 : 1000)),
    ArrowRight: (shift) => player.seek(player.ms + (shift ? 5000 : 1000)),
    Home: () => player.seek(0),
    End: () => player.seek(view.durationMs),
    '+': () => zoom(0.5),
    '=': () => zoom(0.5),
    '-': () => zoom(2),
    0: () => view.fit(),
    1: () => player.switchLane(0),
    2: () => player.switchLane(1),
  };
  document.addEventListener('keydown', (event) => {
    const at = /** @type {Element} */ (event.target);
    const typing = at.closest('input, select, textarea');
    const pressing = event.key === ' ' && at.closest('button');
    const does = keys[event.key];
    if (typing || pressing || !does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does(event.shiftKey);
  });
}

/** The whole call, small, with a window on the part that is shown; it can be taken hold of. */
class Overview {
  constructor(peaks, view) {
    this.peaks = peaks;
    this.view = view;
    this.canvas = byId('overview');
    view.onChange(() => this.draw());
    const to = (event) => {
      const { left, width } = this.canvas.getBoundingClientRect();
      const ms = ((event.clientX - left) / width) * view.durationMs;
      view.show(ms - view.spanMs / 2, ms + view.spanMs / 2);
    };
    this.canvas.addEventListener('pointerdown', (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      to(event);
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (event.buttons === 1) to(event);
    });
  }

  draw() {
    const { canvas, view } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round(canvas.clientHeight * devicePixelRatio);
    canvas.width = width;
    canvas.height = height;
    const ctx = canvas.getContext('2d');
    const samples = (view.durationMs / 1000) * RATE;
    for (const [lane, name] of ['caller', 'agent'].entries()) {
      const middle = height * (lane === 0 ? 0.27 : 0.73);
      ctx.fillStyle = colour(name);
      for (let x = 0; x < width; x++) {
        const [low, high] = this.peaks[lane].column((x / width) * samples, ((x + 1) / width) * samples);
        const half = Math.max(0.5, Math.sqrt(Math.max(-low, high) / 32768) * height * 0.23);
        ctx.fillRect(x, middle - half, 1, 2 * half);
      }
    }
    const from = (view.fromMs / view.durationMs) * width;
    const to = (view.toMs / view.durationMs) * width;
    ctx.fillStyle = colour('veil');
    ctx.fillRect(0, 0, from, height);
    ctx.fillRect(to, 0, width - to, height);
    ctx.strokeStyle = colour('accent');
    ctx.lineWidth = 2;
    if (to - from < width - 1) ctx.strokeRect(from + 1, 1, Math.max(2, to - from - 2), height - 2);
  }
}

openPage();
