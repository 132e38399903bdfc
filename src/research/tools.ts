import * as z from 'zod';
import {
  ask,
  type Call,
  canElicit,
  createTool,
  endTool,
  inputRequired,
  inputResponse,
  readTool,
  type Tool,
  ToolRefusal,
  updateTool,
} from '../kit/index.ts';
import { Depth, Findings, Reason, requireRunning, researchTask, Status, Topic } from './task.ts';

const start = createTool(
  researchTask,
  'start_research_task',
  {
    description: 'Starts a research task. Pass its newest handle, unchanged, to the next call.',
    inputSchema: { topic: Topic, depth: Depth.default(2) },
    outputSchema: { status: z.literal('running') },
  },
  ({ topic, depth }) => ({
    state: { topic, depth, status: 'running', results: [] },
    structuredContent: { status: 'running' },
    text: `Research task started on "${topic}", depth ${depth}.`,
  }),
);

const status = readTool(
  researchTask,
  'get_task_status',
  {
    description: 'Shows a research task. Its handle stays the same.',
    inputSchema: {},
    outputSchema: { topic: z.string(), depth: z.int(), status: Status, results: z.array(z.string()), reason: z.string().optional() },
  },
  ({ topic, depth, status, results, reason }) => ({
    structuredContent: { topic, depth, status, results, ...(reason !== undefined && { reason }) },
    text: [
      `"${topic}" (depth ${depth}) is ${status}${reason === undefined ? '' : `: ${reason}`}, with ${count(results)}.`,
      ...results.map((finding) => `- ${finding}`),
    ].join('\n'),
  }),
);

const record = updateTool(
  researchTask,
  'record_findings',
  {
    description: 'Adds findings to a research task. Returns its new handle.',
    inputSchema: { findings: Findings.min(1) },
    outputSchema: { status: z.literal('running'), result_count: z.int() },
  },
  (task, { findings }) => {
    const results = [...requireRunning(task, 'take findings').results, ...findings];
    return {
      state: { ...task, results },
      structuredContent: { status: 'running', result_count: results.length },
      text: `Recorded ${count(findings)}; the task has ${results.length}.`,
    };
  },
);

const complete = endTool(
  researchTask,
  'complete_research_task',
  {
    description: 'Adds last findings, if any, and completes a research task.',
    inputSchema: { findings: Findings },
    outputSchema: { status: z.literal('complete'), result_count: z.int() },
  },
  (task, { findings }, call) => {
    const results = [...requireRunning(task, 'be completed').results, ...findings];
    if (results.length === 0 && canElicit(call) && !isConfirmed(call)) return confirmation;
    return {
      state: { ...task, status: 'complete', results },
      structuredContent: { status: 'complete', result_count: results.length },
      text: `Research task complete, with ${count(results)}.`,
    };
  },
);

/** Asks the user before a task without findings is completed. A model might complete such a task by mistake. */
const confirmation = ask(
  {
    confirm: inputRequired.elicit({
      message: 'Complete this research task without any findings?',
      requestedSchema: { type: 'object', properties: {} },
    }),
  },
  'asked',
);

/**
 * Tells whether the user has said yes. An answer counts only after the question, because a client could send an answer
 * that nobody asked for.
 *
 * @throws {ToolRefusal} `not_confirmed`: the user has said no
 */
function isConfirmed({ answers, remembered }: Call): boolean {
  const answer = remembered === 'asked' ? inputResponse(answers, 'confirm') : undefined;
  if (answer?.kind !== 'elicit') return false;
  if (answer.action === 'accept') return true;
  throw new ToolRefusal(
    'not_confirmed',
    'The user does not want to complete this task without findings. Use record_findings to add findings, or cancel_research_task to end the task.',
  );
}

const cancel = endTool(
  researchTask,
  'cancel_research_task',
  {
    description: 'Cancels a research task.',
    inputSchema: { reason: Reason.optional() },
    outputSchema: { status: z.literal('cancelled') },
  },
  (task, { reason }) => ({
    state: { ...requireRunning(task, 'be cancelled'), status: 'cancelled', ...(reason !== undefined && { reason }) },
    structuredContent: { status: 'cancelled' },
    text: 'Research task cancelled. Its findings stay in the handle.',
  }),
);

/** The research tools, in the order in which clients list them. */
export const researchTools: readonly Tool[] = [start, status, record, complete, cancel];

function count(findings: readonly string[]): string {
  return findings.length === 1 ? '1 finding' : `${findings.length} findings`;
}
