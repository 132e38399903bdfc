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

/** The state of a research task. Only the handle carries it. */
export type ResearchTask = z.output<typeof state>;

/**
 * The kind of research tasks. A task lives for a day. The kind is `visible`, because arguments and results show the
 * client the whole state anyway.
 */
export const researchTask = defineKind({ name: 'research', version: 1, schema: state, lifetime: 86_400, visible: true });

/**
 * Refuses a task that has ended.
 *
 * @param attempted the end of the sentence "This task is complete, and cannot …"
 * @throws {ToolRefusal} `task_ended`
 */
export function requireRunning(task: ResearchTask, attempted: string): ResearchTask {
  if (task.status === 'running') return task;
  throw new ToolRefusal(
    'task_ended',
    `This task is ${task.status}, and cannot ${attempted}. Use get_task_status to read it, or start_research_task to start another.`,
  );
}
