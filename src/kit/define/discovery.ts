/**
 * The finders: three tools that find, describe and call the other tools of a server. A server with finders lists only
 * these three, so that definitions do not fill the model's context.
 */
import type { CallToolResult } from '@modelcontextprotocol/server';
import MiniSearch from 'minisearch';
import * as z from 'zod';
import { readArguments } from '../values/arguments.ts';
import { isObject } from '../values/json.ts';
import { valueIn } from '../values/meaning.ts';
import { ADDED_BY_HOSTS, byDeclaredNames, type Given } from '../values/names.ts';
import { refusal, ToolRefusal } from '../values/refusal.ts';
import { inputSchema } from '../values/schema.ts';
import type { Finder } from './lookup.ts';
import type { Tool, ToolDefinition } from './tool.ts';

/** The maximum number of tools that a search returns. */
const MOST_FOUND = 10;

const inputs = {
  search_tools: z.strictObject({ query: z.string().min(1).max(200) }),
  describe_tool: z.strictObject({ name: z.string().max(128) }),
  call_tool: z.strictObject({ name: z.string().max(128), arguments: z.record(z.string(), z.unknown()).default({}) }),
};

const READS = { readOnlyHint: true, openWorldHint: false };

/** The definitions of the finders. They are the same for every set of tools. */
export const finderDefinitions: readonly ToolDefinition[] = [
  {
    name: 'search_tools',
    description: 'Finds tools of this server by words for what they do. Returns names, a line each.',
    inputSchema: inputSchema('search_tools', inputs.search_tools, false),
    annotations: READS,
  },
  {
    name: 'describe_tool',
    description: 'Shows the definition of a tool: what it does, and its arguments.',
    inputSchema: inputSchema('describe_tool', inputs.describe_tool, false),
    annotations: READS,
  },
  {
    name: 'call_tool',
    description: 'Calls a tool that search_tools found, with the arguments that describe_tool showed.',
    inputSchema: inputSchema('call_tool', inputs.call_tool, false),
    // `call_tool` can call any tool, so its annotations must fit the most dangerous tool.
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  },
];

export function findersOver(tools: ReadonlyMap<string, Tool>): ReadonlyMap<string, Finder> {
  const find = indexOf(tools);

  const unknown = (name: string): CallToolResult => {
    const near = find(name).slice(0, 3);
    const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Use search_tools to find tools.';
    return refusal({ code: 'unknown_tool', text: `There is no tool ${JSON.stringify(name)}. ${advice}` });
  };

  return new Map<string, Finder>([
    [
      'search_tools',
      reading('search_tools', inputs.search_tools, async ({ query }) => {
        const names = find(query).slice(0, MOST_FOUND);
        if (names.length === 0) return say(`No tool matches these words. This server has ${tools.size} tools: try other words.`);
        return say(names.map((name) => `${name}: ${firstSentence(tools.get(name)?.definition.description ?? '')}`).join('\n'));
      }),
    ],
    [
      'describe_tool',
      reading('describe_tool', inputs.describe_tool, async ({ name }) => {
        const tool = tools.get(name);
        return tool === undefined ? unknown(name) : say(JSON.stringify(tool.definition));
      }),
    ],
    [
      'call_tool',
      reading('call_tool', inputs.call_tool, async ({ name, arguments: args }, run) => {
        const tool = tools.get(name);
        return tool === undefined ? unknown(name) : run(tool, args);
      }),
    ],
  ]);
}

/** Makes a finder that validates its arguments before it calls `find`. */
function reading<Shape extends z.ZodRawShape>(
  name: string,
  schema: z.ZodObject<Shape>,
  find: (input: z.output<z.ZodObject<Shape>>, run: Parameters<Finder>[1]) => ReturnType<Finder>,
): Finder {
  const takes = Object.keys(schema.shape);
  return async (args, run) => {
    let input: z.output<z.ZodObject<Shape>>;
    try {
      const given = byDeclaredNames((args ?? {}) as Given, takes);
      input = readArguments(schema, takes.includes('arguments') ? withNested(given) : given, { name, takes, strict: false });
    } catch (error) {
      if (error instanceof ToolRefusal) return refusal({ code: error.code, text: error.message });
      throw error;
    }
    return find(input, run);
  };
}

/** Moves the arguments that a model wrote beside the name of the tool into `arguments`. */
function withNested(given: Given): Given {
  const { name, arguments: nested, ...beside } = given;
  const flat = Object.entries(beside).filter(([argument]) => !ADDED_BY_HOSTS.includes(argument));
  const inner = valueIn(nested) ?? {};
  if (typeof name !== 'string' || flat.length === 0 || !isObject(inner)) return given;
  return { name, arguments: { ...Object.fromEntries(flat), ...inner } };
}

/** Makes a function that finds tools for the words of a query, best match first. */
function indexOf(tools: ReadonlyMap<string, Tool>): (query: string) => string[] {
  const index = new MiniSearch<{ id: string; name: string; title: string; description: string }>({
    fields: ['name', 'title', 'description'],
    searchOptions: { boost: { name: 3, title: 2 }, prefix: isWord, fuzzy: (term) => (isWord(term) ? 0.2 : false) },
    tokenize: wordsIn,
  });
  index.addAll([...tools.values()].map(({ definition: { name, title = '', description } }) => ({ id: name, name, title, description })));
  return (query) => {
    const terms = [...new Set(wordsIn(query.toLowerCase()))].slice(0, MOST_TERMS);
    return index.search(terms.join(' ')).map(({ id }) => id as string);
  };
}

/** The maximum number of words that a search uses. The limit keeps a search cheap. */
const MOST_TERMS = 10;

/**
 * Tells whether a term may match longer words and misspelt words. A term of one or two characters may not: it would
 * match some word of every tool.
 */
function isWord(term: string): boolean {
  return term.length >= 3;
}

function wordsIn(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

function firstSentence(description: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(description)?.[0] ?? description;
}

function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], structuredContent: { message: text } };
}
