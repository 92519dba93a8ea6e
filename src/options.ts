/**
 * Every default of voicebridge, with its unit in its name or its comment. Help texts and the README are made from or
 * checked against this literal. Nothing else in the source states a default.
 */
export const DEFAULTS = {
  serve: {
    host: '127.0.0.1',
    port: 8080,
    /** Concurrent calls; the next one is answered with a polite refusal. */
    maxCalls: 100,
    /** No inbound media for this long means the stream is dead: Twilio sends 50 frames a second, silence included. */
    mediaSilenceMs: 2_000,
    /** Longest call. */
    maxCallMs: 60 * 60_000,
    /** A stream must send `start` within this time after the upgrade. */
    startTimeoutMs: 5_000,
    /** Largest message accepted from the carrier. */
    maxCarrierMessageBytes: 64 * 1024,
    /** Bytes that may wait in the socket towards the carrier; a stream that reads slower than this is ended. */
    maxQueuedBytes: 16 * 1024 * 1024,
  },
  carrier: {
    /** For one request to the carrier's REST API. */
    requestTimeoutMs: 10_000,
    /** How long a number that a call is transferred to may ring. */
    ringSeconds: 30,
  },
  operator: {
    /** A comment is sent this often to who reads the events of a call, so that nobody in between takes the line for dead. */
    heartbeatMs: 15_000,
    /** Events that may wait for one reader; a slower one is dropped. */
    maxWaitingBytes: 256 * 1024,
    /** Readers of events at once, over all calls. */
    maxReaders: 200,
    /** Largest body of a command. */
    maxBodyBytes: 64 * 1024,
    /** Events of a call that are kept for later readers, beside the lines that were said. */
    eventsKept: 500,
  },
  relay: {
    /** A mark is sent at least this often, in milliseconds of audio. */
    markEveryMs: 100,
    /** After a clear, how long to wait for the carrier to answer before the truncation is computed from the clock alone. */
    settleTimeoutMs: 400,
    /** An item with no more than this left to play at the clear counts as heard: truncating it would only make the model repeat itself. */
    heardSlackMs: 3,
    /** Caller audio kept while the model is connecting; the oldest goes first. */
    backlogMs: 10_000,
    /** Reversible barge-in: how long after a short sound of the caller its transcript is waited for before the agent goes on. */
    transcriptWaitMs: 800,
    /** After the goodbye must have been played by the clock, how long to wait for the carrier to say so before hanging up. */
    goodbyeGraceMs: 1_000,
    /** Digits pressed within this time of each other are one entry. */
    digitPauseMs: 1_000,
  },
  model: {
    /** The model must answer the WebSocket handshake and the first session.update within this time. */
    connectTimeoutMs: 10_000,
    pingEveryMs: 15_000,
    /** Largest event accepted from a model (OpenAI's own limit is 15 MiB). */
    maxMessageBytes: 15 * 1024 * 1024,
    /** Attempts with each model before the next one is tried. */
    connectAttempts: 3,
    /** Pause before the second attempt and the longest one: doubled each time, then shortened by chance to no less than half. */
    retryMs: [250, 2_000] as readonly [number, number],
    /** For all attempts with all models of an agent together, at the start of the call and after a loss. */
    connectBudgetMs: 20_000,
    /** So long before a session ends for its age the next one is opened beside it. */
    rolloverLeadMs: 2 * 60_000,
    /** A session that breaks off sooner than this counts as a failed attempt. */
    stableMs: 5_000,
  },
  tools: {
    /** A tool that takes longer has failed. */
    timeoutMs: 10_000,
    /** Of what a tool gives the model is told so many bytes. */
    maxOutputBytes: 16 * 1024,
    /** A longer answer of a webhook is a failure. */
    maxResponseBytes: 1024 * 1024,
    /** A request that may be repeated is sent again after these pauses. */
    retryAfterMs: [200, 800] as readonly number[],
    /** Tools of one call that run at the same time; the next is refused. */
    maxRunning: 16,
    /** A lost MCP server is started again after the first of these, doubled with every failure up to the second. */
    restartAfterMs: [250, 30_000] as readonly [number, number],
  },
  config: {
    /** Taken when it stands in the folder that `voicebridge serve` is started in. */
    file: 'voicebridge.yaml',
    /** A lookup that takes longer is given up: the caller hears it ring for as long. */
    lookupTimeoutMs: 2_000,
  },
  simulatedModel: {
    host: '127.0.0.1',
    port: 8082,
    /** From the decision that the caller has finished to the first byte of the answer. */
    thinkMs: 400,
    /** Audio is sent this many times faster than real time, drawn anew for every chunk. */
    speed: [3, 5] as readonly [number, number],
    /** Silence that ends a turn; OpenAI's server_vad default. */
    silenceDurationMs: 500,
    prefixPaddingMs: 300,
    /** xai: how long after its end a conversation can be gone on with. */
    resumesWithinMs: 30 * 60_000,
    seed: 1,
  },
  account: {
    host: '127.0.0.1',
    port: 8083,
    accountSid: 'AC00000000000000000000000000000001',
    authToken: 'voicebridge',
    seed: 1,
    /** A call that was answered and whose TwiML nobody follows is hung up after so long. */
    unfollowedCallMs: 10_000,
  },
  phone: {
    seed: 1,
    /** Twilio does not say how long it waits for the 101; unknown, so a knob. */
    handshakeTimeoutMs: 5_000,
    /** Each question to a server that refused the stream, about what it wanted. */
    probeTimeoutMs: 1_000,
    /** First media timestamp is drawn from this range. */
    firstTimestampMs: [70, 175] as readonly [number, number],
    frameMs: 20,
    /** More than this in the playout buffer is discarded (31931): 10 minutes at 8 000 bytes a second. */
    maxBufferedBytes: 4_800_000,
    /** From the arrival of a clear to the moment it acts. Twilio does not say; unknown, so a knob. */
    clearDelayMs: 0,
    /** In which order a clear sends the marks back. Unknown, so a knob, like all of the following up to `halfOpenMs`. */
    marksOnClear: 'send-order',
    /** Whether media, mark and clear with a field that does not belong there are obeyed (31951 is logged either way). */
    extraFields: 'play',
    /** Whether a payload that is empty or not base64 is warned of (31951), or only ignored. */
    badPayload: 'warn',
    /** A WebSocket ping this often; 0: none, as on the streams that were seen. */
    pingEveryMs: 0,
    /** Close code after `stop`. 1005: none given; 1006: the connection ends without a closing handshake. */
    closeCode: 1000,
    /** Whether `dtmf` is sent when a key goes down or when it comes up again, so much later. */
    digitAt: 'key-down',
    digitMs: 100,
    /** How long a dead line stays open: real servers saw close code 1006 30 to 45 s after the last message. */
    halfOpenMs: 30_000,
    /** One-way delay and jitter of the carrier's leg. */
    network: { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 },
    /** The agent counts as finished after this much silence at the caller's ear. */
    agentQuietMs: 700,
    /** After the last word of a WAV caller the phone stays on the line until the agent has finished, at most this long. */
    lingerMs: 15_000,
    /** A step of a call.yaml that waits for the agent gives up after this long, unless it says otherwise. */
    waitTimeoutMs: 15_000,
    /** A server that closes this soon after `start` without having sent anything has given the call up. */
    earlyCloseMs: 2_000,
    /** After its own close the phone waits this long for the server's. */
    closeTimeoutMs: 1_000,
    /** Bytes that may wait for a server that does not read; more are dropped (31930). Twilio's limit is not documented. */
    maxUnreadBytes: 1024 * 1024,
    /** Largest message accepted from a server; Twilio's limit is not documented. */
    maxMessageBytes: 16 * 1024 * 1024,
    /** Longest call the phone makes. */
    maxCallMs: 15 * 60_000,
    outDir: 'voicebridge-calls',
  },
  bench: {
    runs: 3,
    /** Runs of each call of the suite that comes with the package: under two minutes together. */
    suiteRuns: 1,
    calls: 1,
    /** A stop later than this counts as missed. */
    missedAfterMs: 2_000,
    /** The generator's own pacing error (p99) above which a run is unreliable. */
    maxPacingMs: 5,
    /** The longest the measuring process may stand still during a call: one and a half frames. */
    maxLoopLagMs: 30,
    /** Share of a call's time that the measuring thread may have been ready to run without a processor. */
    maxWaitedShare: 0.2,
    /** Share of its processors' time that a virtual machine may have been kept from. */
    maxStolenShare: 0.05,
    /** How far the time of day may move against the monotonic clock during a call. */
    maxClockJumpMs: 200,
    /** So long a relay that `--start` has started may take to open its port: some compile first. */
    startTimeoutMs: 60_000,
  },
} as const;
