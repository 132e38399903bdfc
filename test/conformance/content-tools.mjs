/**
 * Tools without a task. Each is written with the SDK's `McpServer`, and again with the kit. MCP's conformance suite
 * prescribes the names and contents.
 */
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { plainTool, ToolRefusal } from 'waxseal';
import * as z from 'zod';
import { IMAGE, SOUND } from './samples.mjs';

const text = (words) => ({ type: 'text', text: words });
const image = { type: 'image', data: IMAGE, mimeType: 'image/png' };
const resource = (uri, mimeType, words) => ({ type: 'resource', resource: { uri, mimeType, text: words } });

/** Tools with a fixed answer: name, description and content. */
const CONSTANT = [
  ['test_simple_text', 'Answers with text.', [text('This is a simple text response for testing.')]],
  ['test_image_content', 'Answers with an image.', [image]],
  ['test_audio_content', 'Answers with a sound.', [{ type: 'audio', data: SOUND, mimeType: 'audio/wav' }]],
  ['test_embedded_resource', 'Answers with a resource.', [resource('test://embedded-resource', 'text/plain', 'An embedded resource.')]],
  [
    'test_multiple_content_types',
    'Answers with contents of several types.',
    [text('Multiple content types test:'), image, resource('test://mixed-content-resource', 'application/json', '{"test":"data"}')],
  ],
  ['test_streaming_elicitation', 'Answers without asking.', [text('done')]],
];

/** The scenario `json-schema-2020-12` prescribes this schema. Converters often lose some of its keywords. */
const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Converted once, because conversion for every server would take long. */
const nothing = fromJsonSchema({ type: 'object', properties: {} });
const schema2020 = fromJsonSchema(SCHEMA_2020_12);
const mirrored = z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }).optional() });

export function registerContentTools(server) {
  for (const [name, description, content] of CONSTANT) {
    server.registerTool(name, { description, inputSchema: nothing }, async () => ({ content }));
  }
  server.registerTool('test_error_handling', { description: 'Fails.', inputSchema: nothing }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_logging_tool', { description: 'Logs, to whoever asked for it.', inputSchema: nothing }, async (_args, ctx) => {
    await ctx.mcpReq.log('info', 'logged');
    return { content: [text('done')] };
  });
  server.registerTool('test_tool_with_logging', { description: 'Logs three lines.', inputSchema: nothing }, async (_args, ctx) => {
    for (const line of ['started', 'working', 'completed']) await ctx.mcpReq.log('info', line);
    return { content: [text('done')] };
  });
  server.registerTool('test_tool_with_progress', { description: 'Reports progress.', inputSchema: nothing }, async (_args, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
    }
    return { content: [text('done')] };
  });
  server.registerTool('json_schema_2020_12_tool', { description: 'Takes much.', inputSchema: schema2020 }, async () => ({
    content: [text('done')],
  }));
  server.registerTool('test_x_mcp_header', { description: 'Has a header of its own.', inputSchema: mirrored }, async ({ region }) => ({
    content: [text(`region: ${region}`)],
  }));
}

/**
 * The tools above, written with the kit. `json_schema_2020_12_tool` is missing, because no zod schema can express its
 * schema.
 */
export const contentTools = [
  ...CONSTANT.map(([name, description, contents]) => {
    const [first] = contents;
    const [said, content] = first.type === 'text' ? [first.text, contents.slice(1)] : ['Here it is.', contents];
    return plainTool(name, { description }, () => ({ text: said, content }));
  }),
  plainTool('test_error_handling', { description: 'Fails.' }, () => {
    throw new ToolRefusal('intended', 'This tool intentionally returns an error for testing');
  }),
  plainTool('test_logging_tool', { description: 'Logs, to whoever asked for it.' }, async (_input, { log }) => {
    await log('info', 'logged');
    return { text: 'done' };
  }),
  plainTool('test_tool_with_logging', { description: 'Logs three lines.' }, async (_input, { log }) => {
    for (const line of ['started', 'working', 'completed']) await log('info', line);
    return { text: 'done' };
  }),
  plainTool('test_tool_with_progress', { description: 'Reports progress.' }, async (_input, call) => {
    for (const progress of [0, 50, 100]) await call.progress({ progress, total: 100 });
    return { text: 'done' };
  }),
  plainTool('test_x_mcp_header', { description: 'Has a header of its own.', inputSchema: mirrored }, ({ region }) => ({
    text: `region: ${region}`,
  })),
];
