import * as z from 'zod';
import { defineKind, ToolRefusal } from '../kit/index.ts';

export const Topic = z.string().min(1).max(500);
export const Depth = z.int().min(1).max(10);
export const Findings = z.array(z.string().min(1).max(4000)).max(100);
export const Reason = z.string().min(1).max(500);
export const Status = z.enum(['running', 'complete', 'cancelled']);

const state = z.strictObject({
  topic: Topic,
  depth: Depth,
  status: Status,
  results: z.array(z.string()),
  reason: Reason.optional(),
});

/** The state of a research task. Only the handle carries the state; the server does not keep it. */
export type ResearchTask = z.output<typeof state>;

/**
 * The kind of research tasks. All handles of a task expire a day after the task was started. The kind is `visible`, because
 * the client knows the whole state anyway, from the results of the tools and from the arguments that the client sent.
 */
export const researchTask = defineKind({ name: 'research', version: 1, schema: state, lifetime: 86_400, visible: true });

/**
 * Refuses a task that has ended.
 *
 * @param attempted what the call wanted to do, as the end of the sentence "This task is complete, and cannot …"
 * @throws {ToolRefusal} `task_ended`
 */
export function requireRunning(task: ResearchTask, attempted: string): ResearchTask {
  if (task.status === 'running') return task;
  throw new ToolRefusal(
    'task_ended',
    `This task is ${task.status}, and cannot ${attempted}. Use get_task_status to read it, or start_research_task to start another.`,
  );
}
