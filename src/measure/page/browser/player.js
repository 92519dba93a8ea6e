import { byId } from './elements.js';
import { wavOf } from './sound.js';
import { clockText } from './theme.js';

const PLAY = 'M4 2.5v11l9.5-5.5z';
const PAUSE = 'M4 2.5h3v11H4zM9.5 2.5h3v11h-3z';

/** Plays both lanes with the browser's own player, and moves the cursor. */
export class Player {
  constructor({ lanes, view, onMove }) {
    this.lanes = lanes;
    this.view = view;
    this.onMove = onMove;
    this.audible = [true, true];
    this.audio = new Audio();
    this.audio.preload = 'auto';
    this.wantedMs = 0;
    this.load();
    this.cursor = byId('cursor');
    this.clock = byId('clock');
    this.cursor.setAttribute('aria-valuemax', String(Math.round(view.durationMs)));
    const button = byId('play');
    button.addEventListener('click', () => this.toggle());
    const onState = () => {
      const playing = !this.audio.paused;
      byId('play-icon').setAttribute('d', playing ? PAUSE : PLAY);
      button.setAttribute('aria-label', playing ? 'Pause' : 'Play');
      if (playing) requestAnimationFrame(() => this.tick());
      else this.show();
    };
    for (const name of ['play', 'pause', 'ended']) this.audio.addEventListener(name, onState);
    const speed = byId('speed');
    speed.addEventListener('change', () => {
      this.audio.playbackRate = Number(speed.value);
    });
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.lane-switch')))
      each.addEventListener('click', () => this.switchLane(Number(each.dataset.lane)));
    view.onChange(() => this.show());
    this.show();
  }

  get ms() {
    return this.audio.readyState > 0 ? this.audio.currentTime * 1000 : this.wantedMs;
  }

  toggle() {
    if (this.audio.paused) this.audio.play().catch(() => {});
    else this.audio.pause();
  }

  seek(ms) {
    const at = Math.max(0, Math.min(this.view.durationMs, ms));
    this.wantedMs = at;
    this.audio.currentTime = at / 1000;
    this.view.reveal(at);
    this.show(at);
  }

  switchLane(lane) {
    this.audible[lane] = !this.audible[lane];
    document
      .querySelector(`.lane-switch[data-lane="${lane}"]`)
      .setAttribute('aria-pressed', String(this.audible[lane]));
    const { currentTime, paused, playbackRate } = this.audio;
    this.load();
    this.audio.playbackRate = playbackRate;
    this.audio.currentTime = currentTime;
    if (!paused) this.audio.play().catch(() => {});
  }

  load() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(wavOf(this.lanes, this.audible));
    this.audio.src = this.url;
  }

  tick() {
    if (this.audio.paused) return;
    this.view.reveal(this.ms);
    this.show();
    requestAnimationFrame(() => this.tick());
  }

  show(ms = this.ms) {
    const share = this.view.shareOf(ms);
    this.cursor.hidden = share < 0 || share > 1;
    this.cursor.style.left = `${share * 100}%`;
    this.clock.textContent = clockText(ms, 1);
    this.cursor.setAttribute('aria-valuenow', String(Math.round(ms)));
    this.cursor.setAttribute('aria-valuetext', clockText(ms, 1));
    this.onMove(ms);
  }
}
