import * as z from 'zod';
import { readTool } from '../../dist/kit/index.js';
import { researchTask, researchTools } from '../../dist/research/index.js';
import { findings } from './research-mix.mjs';

const VERBS = ['list', 'count', 'compare', 'export', 'rank', 'merge', 'filter', 'translate', 'group', 'quote', 'verify', 'outline'];
const OBJECTS = [
  'findings',
  'sources',
  'authors',
  'claims',
  'dates',
  'figures',
  'quotes',
  'questions',
  'terms',
  'places',
  'notes',
  'links',
];

/** The research tools, and made-up ones with definitions of an ordinary size. */
export function manyTools(count) {
  return [...researchTools, ...Array.from({ length: Math.max(0, count - researchTools.length) }, (_, number) => another(number))];
}

function another(number) {
  const [verb, object] = [VERBS[number % VERBS.length], OBJECTS[Math.floor(number / VERBS.length) % OBJECTS.length]];
  const round = Math.floor(number / (VERBS.length * OBJECTS.length));
  const name = `${verb}_${object}${round === 0 ? '' : `_${round + 1}`}`;
  return readTool(
    researchTask,
    name,
    {
      title: name.replaceAll('_', ' '),
      description: `Finds the ${object} of a research task, to ${verb} them. ${findings[number % findings.length]}`,
      inputSchema: { words: z.string().max(200), most: z.int().min(1).max(100).default(10) },
      outputSchema: { found: z.array(z.string()) },
    },
    ({ results }, { most }) => ({ structuredContent: { found: results.slice(0, most) }, text: `${results.length} results.` }),
  );
}
