/**
 * The hosts under test. Some are programs, and get a configuration file. Others are libraries, and a small program of
 * this project uses them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codex } from './programs/codex.mjs';
import { gemini } from './programs/gemini.mjs';
import { inspector } from './programs/inspector.mjs';
import { mcporter } from './programs/mcporter.mjs';
import { opencode } from './programs/opencode.mjs';

const AI_SDK = {
  ai: '7.0.173',
  '@ai-sdk/mcp': '2.0.99',
  '@ai-sdk/openai': '4.0.118',
  '@modelcontextprotocol/sdk': '1.32.2',
  zod: '4.6.7',
};

const LANGCHAIN = { langchain: '1.5.14', '@langchain/core': '1.4.0', '@langchain/openai': '1.6.0', '@langchain/langgraph': '1.7.3' };

const OPENAI_AGENTS = { '@openai/agents': '0.20.0', openai: '7.57.0', zod: '4.6.7' };

export const HOSTS = [
  codex,
  gemini,
  opencode,
  library('ai-sdk', 'AI SDK', 'responses', AI_SDK),
  library('ai-sdk-own-schema', 'AI SDK, `outputSchema` of your own', 'responses', AI_SDK, {
    place: 'ai-sdk',
    hides: /does not show the handle/,
  }),
  library('langchain', 'LangChain', 'chat completions', { '@langchain/mcp-adapters': '1.1.4', ...LANGCHAIN }),
  library('openai-agents', 'OpenAI Agents', 'chat completions', OPENAI_AGENTS),
  library('openai-agents-strict', 'OpenAI Agents, strict', 'responses', OPENAI_AGENTS, {
    place: 'openai-agents',
    program: 'openai-agents',
    variant: 'strict',
  }),
  library('mastra', 'Mastra', 'chat completions', { '@mastra/mcp': '2.0.0', '@mastra/core': '1.71.0', zod: '4.6.7' }),
  library('llamaindex', 'LlamaIndex', 'chat completions', {
    '@llamaindex/tools': '0.2.1',
    '@llamaindex/workflow': '1.1.25',
    '@llamaindex/openai': '0.4.23',
    '@llamaindex/core': '0.6.23',
    '@llamaindex/env': '0.1.31',
    zod: '4.6.7',
  }),
  library('anthropic', 'Anthropic SDK, `toolRunner`', 'messages', { '@anthropic-ai/sdk': '1.14.0', '@modelcontextprotocol/sdk': '1.32.2' }),
  library(
    'genkit',
    'Genkit',
    'gemini',
    {
      '@genkit-ai/mcp': '1.42.0',
      genkit: '1.42.0',
      '@genkit-ai/google-genai': '1.42.0',
      '@modelcontextprotocol/sdk': '1.32.2',
    },
    { slow: true },
  ),
  library('mcp-use', 'mcp-use', 'chat completions', { 'mcp-use': '1.34.6', ...LANGCHAIN }, { slow: true }),
  library('adk', 'Google ADK', 'gemini', { '@google/adk': '2.0.0', '@modelcontextprotocol/sdk': '1.32.2' }),
  library('strands', 'Strands', 'chat completions', {
    '@strands-agents/sdk': '1.19.0',
    '@modelcontextprotocol/sdk': '1.32.2',
    openai: '6.45.0',
    zod: '4.6.7',
  }),
  mcporter,
  inspector,
  library('mcp-remote', 'mcp-remote', 'responses', { 'mcp-remote': '0.15.1', ...AI_SDK }),
];

/** A host that is a library. Its program is in `libraries/`, and runs in the host's folder. */
function library(name, title, api, packages, { program = name, variant, ...rest } = {}) {
  const file = fileURLToPath(new URL(`libraries/${program}.mjs`, import.meta.url));
  return {
    name,
    title,
    packages,
    api,
    program: file,
    snippet: snippetIn(readFileSync(file, 'utf8')),
    command: ({ folder, modelUrl, url, way, prompt }) =>
      ['node', `${folder}/${program}.mjs`, modelUrl, url, way, prompt, variant].filter(Boolean),
    ...rest,
  };
}

/** Returns the lines with which a program connects, after the imports that these lines need. */
function snippetIn(source) {
  const [, region] = /\/\/ #region connect\n([\s\S]*?)\/\/ #endregion/.exec(source) ?? [];
  if (region === undefined) return undefined;
  const imports = [...source.matchAll(/^import (?:\{ (.+) \}|(\w+)) from (.+);$/gm)].flatMap(([whole, named, single, from]) => {
    const used = (named ?? single).split(', ').filter((name) => new RegExp(`\\b${name}\\b`).test(region));
    if (used.length === 0) return [];
    return named === undefined ? [whole] : [`import { ${used.join(', ')} } from ${from};`];
  });
  return `${imports.join('\n')}\n\n${region}`;
}
