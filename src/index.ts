/**
 * The parts of voicebridge, each usable alone: the phone (`dial`), the model (`serveModel`), the bridge (`startRelay` with
 * `openaiModel`), and the measures. Everything takes its options in one object and throws VoicebridgeError.
 */

export {
  type AudioFormat,
  type Encoding,
  L16_8K,
  L16_16K,
  L16_24K,
  L16_48K,
  PCMA_8K,
  PCMU_8K,
} from './audio/format.js';
export { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './audio/g711.js';
export { createTranscoder, type Transcoder } from './audio/transcode.js';
export {
  createWavWriter,
  parseWav,
  readCallerAudio,
  readWav,
  type WavAudio,
  type WavWriter,
  type WavWriterOptions,
} from './audio/wav.js';
export type { CallControl, DigitRequest, TransferTarget } from './call/control.js';
export {
  type CallInfo,
  type CallPlan,
  type IncomingCall,
  oneAgent,
  type PlanCall,
  type Reception,
} from './call/plan.js';
export { type BuildToolsOptions, type BuiltTools, buildTools, type ToolsConfig } from './call/tools/build.js';
export { defineTool, type ToolDefinition } from './call/tools/define.js';
export { McpServers, type McpServersOptions } from './call/tools/mcp.js';
export { type Filler, type Tool, type ToolContext, ToolError, type ToolResult } from './call/tools/tool.js';
export type { Carrier, CarrierEncoder, CarrierEvent, CarrierRest } from './carrier/carrier.js';
export { type TwilioRestOptions, twilioRest, twilioRestFromEnvironment } from './carrier/twilio/rest.js';
export { twilioCarrier } from './carrier/twilio.js';
export { type Clock, systemClock } from './clock.js';
export { ERRORS, type ErrorCode, type ExitCode, type Fault, VoicebridgeError } from './errors.js';
export { type Log, type LogFields, lineLog, silentLog } from './log.js';
export { analyseCall, type CallMeasures } from './measure/analyse.js';
export type { BargeIn } from './measure/bargein.js';
export type { BenchCall, Network, Progress } from './measure/bench.js';
export { type Budget, type BudgetResult, checkBudget, parseBudget, readBudgets } from './measure/budget.js';
export type { Discrimination } from './measure/discrimination.js';
export { type BenchRequest, bench } from './measure/library.js';
export { type MadeCall, type MakeCallOptions, makeCall } from './measure/make-call.js';
export { METRICS, Measures, type MetricName } from './measure/metrics.js';
export type { ModelFinding } from './measure/model-findings.js';
export { type Summary, summarise } from './measure/percentile.js';
export type { Verdict } from './measure/report/verdict.js';
export { type CallReport, formatJson as formatReport, type MetricReport, type Report } from './measure/report-json.js';
export type { SandwichOptions } from './measure/sandwich/surroundings.js';
export { loadScenario, type Scenario } from './measure/scenario.js';
export type { Truncation } from './measure/truncation.js';
export type { Turn } from './measure/turns.js';
export {
  type ModelConnection,
  type ModelEvent,
  type ModelSession,
  type OpenModel,
  plainSession,
} from './model/model.js';
export { type OpenAIModelOptions, openaiModel } from './model/openai.js';
export { type ModelTarget, modelFor } from './model/providers.js';
export { DEFAULTS } from './options.js';
export { type Relay, type RelayOptions, startRelay } from './relay/server.js';
export type { CallRecord as AccountCall } from './simulator/account/call-book.js';
export type { SentCallback } from './simulator/account/callback.js';
export type { Instructions, OnAnswered } from './simulator/account/dialler.js';
export type { Fault as AccountFault } from './simulator/account/faults.js';
export { type AnsweredPhone, followOutbound } from './simulator/account/follow.js';
export type { AccountLine, CallEntry, CallRegistry, LiveAccountCall } from './simulator/account/live-call.js';
export type { IncomingRoute, NumberSettings } from './simulator/account/numbers.js';
export type { Person } from './simulator/account/person.js';
export {
  type AccountOptions,
  type AccountRequest,
  type SimulatedAccount,
  serveAccount,
} from './simulator/account/server.js';
export type { ModelTraceEvent } from './simulator/model/events.js';
export type { ModelFaults } from './simulator/model/faults.js';
export type { MemoryItem, SessionView } from './simulator/model/memory.js';
export { loadModelScript, type ModelScript, parseModelScript } from './simulator/model/script/file.js';
export { type SimulatedModel, type SimulatedModelOptions, serveModel } from './simulator/model/server.js';
export type { CallerTurn, CallerWords } from './simulator/model/transcripts.js';
export { type Line, loadVoice, type Voice } from './simulator/model/voice.js';
export { type TimedText, type WordsBefore, type WordTiming, wordsUpTo } from './simulator/model/words.js';
export type { Assumptions } from './simulator/phone/assumptions.js';
export { type Call, type DialOptions, dial, type NetworkOptions } from './simulator/phone/call.js';
export type {
  CallerSound,
  CallerSpeech,
  CallRecord,
  EndReason,
  Expectation,
  HeardSpan,
  PhoneEvent,
} from './simulator/phone/events.js';
export type { NetworkFault } from './simulator/phone/faults.js';
export { type JudgedTrace, judgeTrace, type TraceLine } from './simulator/phone/lint/trace.js';
export { LINT_RULES, type LintFinding, type LintRule, pageOf } from './simulator/phone/lint.js';
export { type CallerScript, loadCaller, type Step } from './simulator/phone/script.js';
export {
  type Answers,
  dialWebhook,
  type WebhookCall,
  type WebhookDialOptions,
  type WebhookRecord,
} from './simulator/phone/webhook/call.js';
export { TWIML_RULES, type TwimlRule } from './simulator/phone/webhook/rules.js';
