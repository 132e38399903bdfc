import { createTool, defineKind, updateTool } from 'waxseal';
import { researchTools } from 'waxseal/research';
import * as z from 'zod';

/** The state of a task: it travels in the handle, and is stored nowhere. */
const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 3600 });

const start = createTool(counter, 'start_counter', { description: 'Starts a counter.' }, () => ({
  state: { count: 0 },
  text: 'The counter is at 0.',
}));

const add = updateTool(counter, 'add', { description: 'Adds to a counter.', inputSchema: { by: z.int() } }, ({ count }, { by }) => ({
  state: { count: count + by },
  text: `The counter is at ${count + by}.`,
}));

/** What the server serves. The research tools are for a first try: leave them out when yours are there. */
export const tools = [start, add, ...researchTools];
