import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { CallControl } from '../call/control.js';
import type { PlanCall } from '../call/plan.js';
import { type CallEnd, CallSession, type SessionSettings } from '../call/session.js';
import { type Carrier, type CarrierEvent, CarrierProtocolError, type CarrierRest } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import { type Log, logWith } from '../log.js';
import { ServerMessages } from '../text-frames.js';
import type { Calls, LiveCall } from './calls.js';

export interface StreamLimits {
  readonly startTimeoutMs: number;
  readonly mediaSilenceMs: number;
  readonly maxCallMs: number;
  /** Bytes that may wait in the socket towards the carrier; a reader that slow is gone. */
  readonly maxQueuedBytes: number;
}

export interface StreamOptions {
  readonly carrier: Carrier;
  readonly planCall: PlanCall;
  readonly clock: Clock;
  readonly log: Log;
  readonly calls: Calls;
  readonly settings: SessionSettings;
  readonly limits: StreamLimits;
  readonly rest?: CarrierRest | undefined;
}

/** How many messages that make no sense a stream may send before it is ended. */
const MAX_BAD_MESSAGES = 20;

/**
 * One accepted WebSocket of the carrier and the connection it runs over, from upgrade to close: it turns messages into events for the call's session and
 * watches that the stream is alive. Nothing that arrives on one stream can throw into another.
 */
export function carryStream(socket: WebSocket, transport: Socket, options: StreamOptions): void {
  const { carrier, clock, calls, limits } = options;
  const log = logWith(options.log, () => ({ callSid: live?.callSid }));
  const beganMs = clock.now();
  let lastMediaMs = beganMs;
  let heardMedia = false;
  let live: LiveCall | undefined;
  let badMessages = 0;
  let over = false;
  let cancelWatch = clock.at(beganMs + limits.startTimeoutMs, watch);

  const messages = new ServerMessages(socket, transport);
  const session = new CallSession({
    carrier,
    planCall: options.planCall,
    clock,
    random: Math.random,
    log,
    ...(options.rest && { rest: options.rest }),
    settings: options.settings,
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      messages.send(message);
      if (socket.bufferedAmount > limits.maxQueuedBytes) socket.terminate();
    },
    // A delta of the model leaves as several messages: one system call here, and one wake-up at the other end.
    inOneWrite: (work) => messages.inOneWrite(work),
    hangUp: onCallEnd,
  });

  socket.on('message', onMessage);
  socket.on('close', () => session.onCarrierClosed());
  socket.on('error', (error) => log.warn('stream error', { reason: error.message }));

  function onMessage(data: RawData, isBinary: boolean): void {
    if (over) return;
    let event: CarrierEvent;
    try {
      if (isBinary) throw new CarrierProtocolError('a binary frame');
      event = carrier.decode(data.toString());
    } catch (error) {
      if (!(error instanceof CarrierProtocolError)) throw error;
      badMessages += 1;
      if (badMessages === 1) log.warn('a message of the carrier was ignored', { reason: error.message });
      if (badMessages >= MAX_BAD_MESSAGES) socket.terminate();
      return;
    }
    // Ten thousand of these a second, at 200 calls: the clock is read by the watch.
    if (event.type === 'media') heardMedia = true;
    else if (event.type === 'start' && !live) {
      live = liveCall(event.callSid, session);
      calls.add(live);
      lastMediaMs = clock.now();
    }
    session.onCarrierEvent(event.type === 'start' ? withNumbers(event) : event);
  }

  /** Looks about twice a second; a stream that Twilio has lost ends without a `stop` and closes half a minute late. */
  function watch(): void {
    const nowMs = clock.now();
    if (heardMedia) lastMediaMs = nowMs;
    heardMedia = false;
    if (!live && nowMs - beganMs >= limits.startTimeoutMs) return session.end('carrier-lost');
    if (live && nowMs - lastMediaMs >= limits.mediaSilenceMs) return session.end('media-silence');
    if (nowMs - beganMs >= limits.maxCallMs) return session.end('max-duration');
    cancelWatch = clock.at(nowMs + WATCH_EVERY_MS, watch);
  }

  function onCallEnd(reason: CallEnd): void {
    over = true;
    cancelWatch();
    if (live) calls.remove(live, reason);
    if (reason === 'carrier-lost' || reason === 'media-silence') socket.terminate();
    else socket.close(1000);
  }
}

/** Our own TwiML sends the numbers along. Whoever writes TwiML, or a caller ID, may have made them up. */
function withNumbers(start: CarrierEvent & { type: 'start' }): CarrierEvent {
  const from = start.from ?? start.parameters.from;
  const to = start.to ?? start.parameters.to;
  return { ...start, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

const WATCH_EVERY_MS = 500;

/** The call as an operator sees it. What is not known before its plan is read when it is asked for. */
function liveCall(callSid: string, session: CallSession): LiveCall {
  let control: CallControl | undefined;
  const startedAt = new Date().toISOString();
  return {
    callSid,
    startedAt,
    end: (reason) => session.end(reason),
    get control() {
      control ??= session.control('operator');
      return control;
    },
    get state() {
      return session.state;
    },
    get agent() {
      return session.plan?.agent;
    },
    get session() {
      return session.conversation?.session;
    },
    get tools() {
      return session.plan?.tools.map(({ declaration }) => declaration);
    },
  };
}
