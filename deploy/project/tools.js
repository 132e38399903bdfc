import { createTool, defineKind, updateTool } from 'waxseal';
import { researchTools } from 'waxseal/research';
import * as z from 'zod';

/** The kind of the task. The task's state travels in its handle, and the server stores nothing. */
const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 3600 });

const start = createTool(counter, 'start_counter', { description: 'Starts a counter.' }, () => ({
  state: { count: 0 },
  text: 'The counter is at 0.',
}));

const add = updateTool(counter, 'add', { description: 'Adds to a counter.', inputSchema: { by: z.int() } }, ({ count }, { by }) => ({
  state: { count: count + by },
  text: `The counter is at ${count + by}.`,
}));

/** The tools of the server. The research tools are only an example: remove them when you have tools of your own. */
export const tools = [start, add, ...researchTools];
