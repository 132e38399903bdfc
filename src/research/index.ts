/** The built-in tools: an agent starts a research task, adds findings to it, and completes or cancels it. */
export { type ResearchTask, researchTask } from './task.ts';
export { researchTools } from './tools.ts';
