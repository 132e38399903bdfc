/** The built-in task family: research that an agent starts, adds to and completes. */
export { type ResearchTask, researchTask } from './task.ts';
export { researchTools } from './tools.ts';
