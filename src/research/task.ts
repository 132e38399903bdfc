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

/** All that a research task is. It lives in the client's hands. */
export type ResearchTask = z.output<typeof state>;

/** Handles of research tasks: a day from start to expiry. The client sees all of the state, in results and in what it sent. */
export const researchTask = defineKind({ name: 'research', version: 1, schema: state, lifetime: 86_400, visible: true });

/** A task that is under way. @throws {ToolRefusal} `task_ended` */
export function requireRunning(task: ResearchTask, attempted: string): ResearchTask {
  if (task.status === 'running') return task;
  throw new ToolRefusal(
    'task_ended',
    `This task is ${task.status}; it cannot ${attempted}. get_task_status shows it; start_research_task starts another.`,
  );
}
