/**
 * The research tools as articles on stateless MCP show them: the task is in a store, and the client gets an id. Names,
 * arguments, limits and result fields are those of `src/research/`.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';

const topic = z.string().min(1).max(500);
const depth = z.int().min(1).max(10);
const findings = z.array(z.string().min(1).max(4000)).max(100);
const reason = z.string().min(1).max(500);
const handle = z.string();
const status = z.enum(['running', 'complete', 'cancelled']);

/** An error that the caller can correct. Its message is for the model. */
export class Refusal extends Error {}

/**
 * The tools. Each has schemas, and `run(store, arguments)`, which returns the handle, other fields of the result, and a
 * text. A store has `get(handle)` and `set(handle, task)`, which may return promises.
 */
export const STORED_TOOLS = [
  {
    name: 'start_research_task',
    title: 'Start research task',
    description:
      'Starts a research task. Returns a handle that names the task: it lives 24 hours. Pass the handle, unchanged, to the next call.',
    inputSchema: z.strictObject({ topic, depth: depth.default(2) }),
    outputSchema: z.object({ handle, status: z.literal('running') }),
    readOnly: false,
    async run(store, { topic, depth }) {
      const task = { topic, depth, status: 'running', results: [] };
      const handle = `task_${randomBytes(4).toString('hex')}`;
      await store.set(handle, task);
      return { handle, result: { status: 'running' }, text: `Research task started on "${topic}", depth ${depth}.` };
    },
  },
  {
    name: 'get_task_status',
    title: 'Get task status',
    description: 'Shows a research task as its handle names it. The handle stays the same.',
    inputSchema: z.strictObject({ handle }),
    outputSchema: z.object({ handle, topic: z.string(), depth: z.int(), status, results: z.array(z.string()) }),
    readOnly: true,
    async run(store, { handle }) {
      const { topic, depth, status, results } = await found(store, handle);
      const lines = [`"${topic}" (depth ${depth}) is ${status}, with ${count(results)}.`, ...results.map((finding) => `- ${finding}`)];
      return { handle, result: { topic, depth, status, results }, text: lines.join('\n') };
    },
  },
  {
    name: 'record_findings',
    title: 'Record findings',
    description: 'Adds findings to a running research task.',
    inputSchema: z.strictObject({ handle, findings: findings.min(1) }),
    outputSchema: z.object({ handle, status, result_count: z.int() }),
    readOnly: false,
    async run(store, { handle, findings }) {
      const task = await running(store, handle);
      const results = [...task.results, ...findings];
      await store.set(handle, { ...task, results });
      return {
        handle,
        result: { status: task.status, result_count: results.length },
        text: `Recorded ${count(findings)}; the task has ${results.length}.`,
      };
    },
  },
  {
    name: 'complete_research_task',
    title: 'Complete research task',
    description: 'Adds last findings, if any, and completes a research task.',
    inputSchema: z.strictObject({ handle, findings }),
    outputSchema: z.object({ handle, status: z.literal('complete'), result_count: z.int() }),
    readOnly: false,
    async run(store, { handle, findings }) {
      const task = await running(store, handle);
      const results = [...task.results, ...findings];
      await store.set(handle, { ...task, status: 'complete', results });
      return {
        handle,
        result: { status: 'complete', result_count: results.length },
        text: `Research task complete, with ${count(results)}.`,
      };
    },
  },
  {
    name: 'cancel_research_task',
    title: 'Cancel research task',
    description: 'Cancels a running research task.',
    inputSchema: z.strictObject({ handle, reason: reason.optional() }),
    outputSchema: z.object({ handle, status: z.literal('cancelled') }),
    readOnly: false,
    async run(store, { handle, reason }) {
      const task = await running(store, handle);
      await store.set(handle, { ...task, status: 'cancelled', ...(reason !== undefined && { reason }) });
      return { handle, result: { status: 'cancelled' }, text: 'Research task cancelled.' };
    },
  },
];

async function found(store, handle) {
  const task = await store.get(handle);
  if (task === undefined) throw new Refusal(`No task found for handle: ${handle.slice(0, 40)}`);
  return task;
}

async function running(store, handle) {
  const task = await found(store, handle);
  if (task.status !== 'running') throw new Refusal(`This task is ${task.status}.`);
  return task;
}

function count(results) {
  return results.length === 1 ? '1 finding' : `${results.length} findings`;
}
