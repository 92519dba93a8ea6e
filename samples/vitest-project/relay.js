// A voice agent of one's own, in plain JavaScript: Twilio Media Streams on one side, OpenAI Realtime on the other.
import { WebSocket, WebSocketServer } from 'ws';

const { PORT = '8080', OPENAI_API_KEY = '' } = process.env;
const MODEL_URL = process.env.OPENAI_REALTIME_URL ?? 'wss://api.openai.com/v1/realtime?model=gpt-realtime';

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(PORT), path: '/media-stream' });
server.on('listening', () => console.log(`listening on ws://127.0.0.1:${server.address().port}/media-stream`));

server.on('connection', (phone) => {
  let streamSid;
  let model;
  let ready = false;
  /** Milliseconds since the stream began, by the phone's own count. */
  let nowMs = 0;
  /** What the agent is saying: the model's item, and when its first audio was sent to the phone. */
  let answer;

  const toPhone = (message) => phone.send(JSON.stringify({ ...message, streamSid }));
  const toModel = (event) => model.send(JSON.stringify(event));

  phone.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.event === 'start') {
      streamSid = message.start.streamSid;
      model = openModel();
    } else if (message.event === 'media') {
      nowMs = Number(message.media.timestamp);
      if (ready) toModel({ type: 'input_audio_buffer.append', audio: message.media.payload });
    } else if (message.event === 'mark' && message.mark.name === answer?.itemId) {
      answer = undefined; // The caller has heard it to its end.
    }
  });
  phone.on('close', () => model?.close());

  function openModel() {
    const socket = new WebSocket(MODEL_URL, { headers: { Authorization: `Bearer ${OPENAI_API_KEY}` } });
    socket.on('error', (error) => console.error(`the model: ${error.message}`));
    socket.on('close', () => phone.close());
    socket.on('message', (data) => onModelEvent(JSON.parse(data)));
    return socket;
  }

  function onModelEvent(event) {
    if (event.type === 'session.created') {
      const format = { type: 'audio/pcmu' };
      const audio = { input: { format, turn_detection: { type: 'server_vad' } }, output: { format } };
      toModel({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.', audio } });
    } else if (event.type === 'session.updated') {
      ready = true;
      toModel({ type: 'response.create' }); // The greeting.
    } else if (event.type === 'response.output_audio.delta') {
      answer ??= { itemId: event.item_id, startedAtMs: nowMs };
      toPhone({ event: 'media', media: { payload: event.delta } });
    } else if (event.type === 'response.output_audio.done') {
      toPhone({ event: 'mark', mark: { name: event.item_id } });
    } else if (event.type === 'input_audio_buffer.speech_started' && answer) {
      const { itemId, startedAtMs } = answer;
      answer = undefined;
      toPhone({ event: 'clear' });
      const heard = { item_id: itemId, content_index: 0, audio_end_ms: nowMs - startedAtMs };
      toModel({ type: 'conversation.item.truncate', ...heard });
    }
  }
});
