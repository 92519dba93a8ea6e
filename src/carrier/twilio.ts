export { twilioCarrier } from './twilio/relay.js';
