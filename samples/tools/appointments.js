// Tools of a bicycle workshop, as a voicebridge.yaml names them: `- module: samples/tools/appointments.js`.
// A list of appointments in memory stands for your own calendar.

const booked = new Map([['2026-03-02T09:30', 'somebody else']]);
const HOURS = ['09:30', '11:00', '14:00', '16:00'];

/** @type {import('voicebridge').ToolDefinition[]} */
export const tools = [
  {
    name: 'free_times',
    description: 'The times at which a bicycle can be brought in on a day.',
    parameters: {
      type: 'object',
      properties: { day: { type: 'string', format: 'date', description: 'Like 2026-03-02.' } },
      required: ['day'],
    },
    run: ({ day }) => ({ day, free: HOURS.filter((hour) => !booked.has(`${day}T${hour}`)) }),
  },
  {
    name: 'book',
    description: 'Books an appointment. Repeat day and time to the caller, and let them agree, before you call it.',
    parameters: {
      type: 'object',
      properties: {
        day: { type: 'string', format: 'date' },
        time: { type: 'string', enum: HOURS },
        name: { type: 'string', description: "The caller's name." },
      },
      required: ['day', 'time', 'name'],
    },
    async run({ day, time, name }, { call }) {
      const at = `${day}T${time}`;
      // An error of this form is told to the model word for word; of one that is thrown it learns only that there was one.
      if (booked.has(at)) return { error: `${time} on ${day} is taken` };
      booked.set(at, name);
      return { booked: at, reminder: call.from ? 'goes to the number you call from' : 'none' };
    },
  },
];
