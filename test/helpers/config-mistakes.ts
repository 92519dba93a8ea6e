const AGENT = 'agents:\n  sales:\n    instructions: Sell.\n';
const MODELS = 'models:\n  main: {provider: openai}\n  backup: {provider: xai}\n';

/** An agent that sells, and what else is said of it, indented as its fields are. */
const agent = (line: string): string => `${AGENT}    ${line}`;
const tool = (written: string): string => agent(`tools:\n      - hang_up\n      - ${written}`);

/**
 * Mistakes people make in a voicebridge.yaml, and the sentence each is answered with, from the line on. Those that are
 * not beyond the schema are refused by the published schema as well, so that an editor shows them while one types.
 */
export const CONFIG_MISTAKES: readonly (readonly [text: string, sentence: string, beyondSchema?: true])[] = [
  ['', '1: the configuration takes a map of agents, models, routes, lookup, server, and nothing stands there'],
  ['- agents', '1: the configuration takes a map of agents, models, routes, lookup, server, not a list'],
  [
    '# who answers\nagnets:\n  sales: {instructions: Sell.}',
    '2: the configuration has no "agnets", did you mean "agents"? It has agents, models, routes, lookup, server',
  ],
  [`${AGENT}recording: {folder: calls}`, '4: recording is not part of this version'],
  [
    'agents:',
    '1: agents takes names, each with an agent behind it, and nothing stands there: what belongs to it is indented further than its name',
  ],
  ['agents: {}', '1: agents takes names, each with an agent behind it, not an empty map'],
  [
    'agents:\n  24h: {instructions: Sell.}',
    '2: agents takes a name of letters, digits, "-" and "_" that begins with a letter, 64 of them at most, not "24h"',
  ],
  ['agents:\n  sales: {}', '2: agents.sales needs "instructions": text'],
  ['agents:\n  sales:\n    instructions:\n      - Sell.', '3: agents.sales.instructions takes text, not a list'],
  [
    agent('voise: marin'),
    '4: agents.sales has no "voise", did you mean "voice"? It has instructions, model, voice, greeting, language, variables, turnDetection, noiseReduction, transcription, bargeIn, tools, maxCall, maxOutputTokens, apology',
  ],
  [agent('voice: 5'), '4: agents.sales.voice takes the name of a voice, not 5'],
  [
    agent('language: english'),
    '4: agents.sales.language takes a language of two letters (ISO 639-1), like en or de, not "english"',
  ],
  [
    agent('greeting: modle'),
    '4: agents.sales.greeting takes model, none or a map of instructions, file, text, interruptible, not "modle": did you mean model?',
  ],
  [
    agent('greeting:\n      file: hello.wav'),
    '4: agents.sales.greeting needs the "text" of what is said in the file',
    true,
  ],
  [
    agent('greeting:\n      instructions: Say hello.\n      file: hello.wav'),
    '4: agents.sales.greeting takes one of "instructions" and "file", not both',
    true,
  ],
  [
    agent('greeting:\n      fil: hello.wav'),
    '5: agents.sales.greeting has no "fil", did you mean "file"? It has instructions, file, text, interruptible',
  ],
  [
    agent('greeting: {interruptible: maybe}'),
    '4: agents.sales.greeting.interruptible takes true or false, not "maybe"',
  ],
  [agent('apology: sorry.wav'), '4: agents.sales.apology takes a map of file, text, not "sorry.wav"'],
  [
    agent('turnDetection: {silence: 500}'),
    '4: agents.sales.turnDetection.silence takes a time from 0ms to 10s, not 500',
  ],
  [
    agent('turnDetection:\n      silence: 20s'),
    '5: agents.sales.turnDetection.silence takes a time from 0ms to 10s, not "20s"',
    true,
  ],
  [agent('turnDetection: {threshold: 2}'), '4: agents.sales.turnDetection.threshold takes a number from 0 to 1, not 2'],
  [
    agent('turnDetection: {type: semantic_vad, silence: 1s}'),
    '4: agents.sales.turnDetection has no "silence": it has type, eagerness',
    true,
  ],
  [
    agent('turnDetection: {type: server-vad}'),
    '4: agents.sales.turnDetection.type takes server_vad or semantic_vad, not "server-vad": did you mean server_vad?',
  ],
  [
    agent('bargeIn: {speech: reversable}'),
    '4: agents.sales.bargeIn.speech takes immediate, reversible or off, not "reversable": did you mean reversible?',
  ],
  [agent('bargeIn: {digits: all}'), '4: agents.sales.bargeIn.digits takes any, none or keys like "*#", not "all"'],
  [agent('transcription: true'), '4: agents.sales.transcription takes none or a map of model, prompt, not "true"'],
  [agent('maxCall: 30'), '4: agents.sales.maxCall takes a time from 10s to 24h, not 30'],
  [agent('variables: {shop: 5}'), '4: agents.sales.variables.shop takes text, not 5'],
  [
    agent('variables: {"the shop": Bikes}'),
    '4: agents.sales.variables takes the name of a variable: letters, digits and "_", not "the shop"',
  ],
  [
    'agents:\n  sales:\n    instructions: Hello {{first name}}.',
    '3: agents.sales.instructions has {{first name}}: the name of a variable has letters, digits and "_", like {{customer_name}}',
    true,
  ],
  [
    agent('model: main'),
    '4: agents.sales.model takes sim, as long as there are no models in the file, not "main"',
    true,
  ],
  [`${AGENT}${MODELS}`, '2: agents.sales needs "model": main or backup', true],
  [
    `${agent('model: [main, bakup]')}\n${MODELS}`,
    '4: agents.sales.model takes main or backup, not "bakup": did you mean backup?',
    true,
  ],
  [`${agent('model: [main, main]')}\n${MODELS}`, '4: agents.sales.model has "main" twice', true],
  [agent('model: []'), '4: agents.sales.model takes a list of names of models, not an empty list'],
  [
    `${AGENT}models:\n  main: {provider: opnai}`,
    '5: models.main.provider takes openai, azure, xai, compatible or sim, not "opnai": did you mean openai?',
  ],
  [
    `${AGENT}models:\n  main:\n    provider: openai\n    key: abc`,
    '7: models.main.key: a key does not belong into this file; name the environment variable that holds it, like keyEnv: OPENAI_API_KEY',
  ],
  [
    `${AGENT}models:\n  main:\n    provider: openai\n    keyEnv: sk-proj-0123456789abcdef`,
    '7: models.main.keyEnv holds what looks like a key ("sk-…"): put it into an environment variable, and the name of that here',
  ],
  [
    `${AGENT}models:\n  main: {provider: azure, resource: acme}`,
    '5: models.main needs "deployment": provider azure is reached by its resource and deployment',
    true,
  ],
  [
    `${AGENT}models:\n  main: {provider: xai, deployment: voice}`,
    '5: models.main has no "deployment": it has provider, audio, connectTimeout, ping, model, url, keyEnv',
    true,
  ],
  [
    `${AGENT}models:\n  main: {provider: compatible, url: "http://127.0.0.1:8082"}`,
    '5: models.main.url takes a ws:// or wss:// address, not "http://127.0.0.1:8082"',
  ],
  [`${AGENT}routes: []`, '4: routes takes a list of routes, not an empty list'],
  [
    `${AGENT}routes:\n  - {to: 15550100001, agent: sales}`,
    '5: routes[0].to takes a called number in quotes like "+15550100001", or a list of them, not 15550100001',
  ],
  [`${AGENT}routes:\n  - agent: sale`, '5: routes[0].agent takes sales, not "sale": did you mean sales?', true],
  [
    `${AGENT}routes:\n  - agent: sales\n  - {path: /voice/x, agent: sales}`,
    '6: routes[1] is never reached: routes[0] fits every call, so it must be the last',
    true,
  ],
  [
    `${AGENT}routes:\n  - {path: /voice/x, agent: sales}`,
    '4: routes has no route for all other calls: end the list with "- agent: sales"',
    true,
  ],
  [
    `${AGENT}  support:\n    instructions: Help.`,
    '1: routes is missing, with one for all other calls: end the list with "- agent: sales"',
    true,
  ],
  [
    `${AGENT}routes:\n  - {path: sales, agent: sales}\n  - agent: sales`,
    '5: routes[0].path takes a path that begins with /voice, like /voice/sales, not "sales"',
  ],
  [`${AGENT}lookup: {timeout: 1s}`, '4: lookup needs "url": an http:// or https:// address'],
  [`${AGENT}server: {port: 99999}`, '4: server.port takes a whole number from 0 to 65535, not 99999'],
  [
    `${AGENT}server: {publicUrl: voice.example.com}`,
    '4: server.publicUrl takes an https:// address, not "voice.example.com"',
  ],
  [
    tool('hangup'),
    '6: agents.sales.tools[1] takes hang_up, wait, collect_digits, send_sms, or a map with one of transfer, send_sms, http, module, mcp, not "hangup": did you mean hang_up?',
  ],
  [tool('{wait: 5s}'), '6: agents.sales.tools[1]: wait takes no settings, write "- wait"'],
  [
    tool('{transfer: {desk: {number: 555, description: the desk}}}'),
    '6: agents.sales.tools[1].transfer.desk.number takes a number in quotes with "+" and country code, like "+15550100001", not 555',
  ],
  [
    tool('{transfer: {desk: {description: the desk}}}'),
    '6: agents.sales.tools[1].transfer.desk needs one of "number" and "url"',
    true,
  ],
  [
    tool('http:\n          name: stock\n          description: What is in stock.'),
    '6: agents.sales.tools[1].http needs "url": an http:// or https:// address',
  ],
  [
    tool('http: {name: stock, description: Stock., url: "https://x.example", headers: {Authorization: Bearer abc}}'),
    '6: agents.sales.tools[1].http.headers.Authorization holds what looks like a key ("Bea…"): put it into an environment variable, and the name of that here',
    true,
  ],
  [tool('hang_up'), '6: agents.sales.tools[1] is the second tool of the name "hang_up"', true],
  [
    tool('{mcp: {command: x, url: "https://x.example"}}'),
    '6: agents.sales.tools[1].mcp needs one of "command" and "url"',
    true,
  ],
  ['agents:\n\tsales: {}', '2: a line is indented with a tab: YAML takes spaces'],
  [agent('voice: Marin: the calm one'), '4: a text with ": " in it needs quotes around it'],
  [agent('voice: @marin'), '4: a text that begins with a special character needs quotes around it'],
  [
    agent('bargeIn: {digits: #}\n    maxCall: 5m'),
    '5: a { before it is not closed; behind a space, # begins a comment',
  ],
  [`${AGENT}---\n${AGENT}`, '4: a second document begins here ("---"), and only one is read'],
  [
    'agents:\n  sales:\n    instructions: {{shop}}',
    '3: agents.sales.instructions takes text, not a map: {{…}} at the beginning needs quotes around the text',
  ],
  [agent('bargeIn: {digits: 0}'), '4: agents.sales.bargeIn.digits takes any, none or keys like "*#", not 0'],
  [agent('maxCall: 5 minutes'), '4: agents.sales.maxCall takes a time from 10s to 24h, not "5 minutes"'],
  [
    `agents:\n  sales:\n    instructions: "${'x'.repeat(65_537)}"`,
    '3: agents.sales.instructions takes text of 65536 characters at most, not one of 65537 characters',
  ],
  [
    `${AGENT}models: {main: {provider: compatible, url: "wss://me:hunter2@x.example/v1"}}`,
    '4: models.main.url has a key or a password in its address: it belongs into an environment variable, named in a header of the tool or in a …Env setting',
    true,
  ],
  [
    `${AGENT}lookup: {url: "https://x.example/calls?v=2&api_key=hunter2"}`,
    '4: lookup.url has a key or a password in its address: it belongs into an environment variable, named in a header of the tool or in a …Env setting',
    true,
  ],
  [
    'agents:\n  sales: &base\n    instructions: Sell.\n  night:\n    <<: *base\n    voise: marin\nroutes: [{agent: sales}]',
    '6: agents.night has no "voise", did you mean "voice"? It has instructions, model, voice, greeting, language, variables, turnDetection, noiseReduction, transcription, bargeIn, tools, maxCall, maxOutputTokens, apology',
  ],
  ['agents: &all\n  sales: *all', '1: the configuration contains itself, or is nested too deeply'],
  ['agents:\n  sales: *nobody', '1: *nobody stands for nothing: there is no &nobody before it'],
  ['agents:\n  sales: {instructions: a}\n  sales: {instructions: b}', '3: "sales" stands here a second time'],
];
