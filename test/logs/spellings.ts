/** The spellings of a message in MCP, in the APIs of models, and in the clients of these APIs. */
import type { Item } from './stories.ts';

type Spelling = (item: Item) => object;

const args = ({ request }: Item) => request.params?.arguments ?? {};
const tool = ({ request }: Item) => request.params?.name ?? '';
const answer = ({ message }: Item) => JSON.stringify(message.result?.structuredContent);
const id = (item: Item) => `call_${item.id}`;

const callInXml = (item: Item) =>
  `<use_mcp_tool>\n<tool_name>${tool(item)}</tool_name>\n<arguments>\n${JSON.stringify(args(item), null, 2)}\n</arguments>\n</use_mcp_tool>`;

type Span = (input: object | string, output: string) => object;
const stringValue = (value: unknown) => ({ stringValue: JSON.stringify(value) });

/** The spans of trace tools, each of which has the input and the output of one call. */
const SPANS: Readonly<Record<string, Spelling>> = Object.fromEntries(
  Object.entries<Span>({
    LangSmith: (inputs, output) => ({ name: 'a_tool', run_type: 'tool', inputs, outputs: { output } }),
    Traceloop: (inputs, output) => ({
      attributes: {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.input': JSON.stringify({ inputs }),
        'traceloop.entity.output': JSON.stringify({ output }),
      },
    }),
    OpenInference: (input, output) => ({
      attributes: [
        { key: 'input.value', value: stringValue(input) },
        { key: 'output.value', value: stringValue(output) },
        { key: 'openinference.span.kind', value: { stringValue: 'TOOL' } },
      ],
    }),
    'OpenInference in a table': (input, output) => ({
      span_kind: 'TOOL',
      'attributes.input.value': JSON.stringify(input),
      'attributes.output.value': output,
    }),
    'the AI SDK': (input, output) => ({
      attributes: [
        { key: 'ai.toolCall.args', value: stringValue(input) },
        { key: 'ai.toolCall.result', value: stringValue(output) },
      ],
    }),
    Datadog: (input, output) => ({ meta: { 'span.kind': 'tool', input: { value: JSON.stringify(input) }, output: { value: output } } }),
    MLflow: (input, output) => ({
      attributes: { 'mlflow.spanType': '"TOOL"', 'mlflow.spanInputs': JSON.stringify(input), 'mlflow.spanOutputs': output },
    }),
    Sentry: (input, output) => ({
      data: {
        ...Object.fromEntries(Object.entries(input).map(([name, value]) => [`mcp.request.argument.${name}`, JSON.stringify(value)])),
        'mcp.tool.result.content': output,
      },
    }),
  }).map(([name, span]): [string, Spelling] => [name, (item) => (item.isRequest ? span(args(item), '') : span({}, answer(item)))]),
);

/** The spellings, by name. Each makes an object for a call, and another object for the call's result. */
export const SPELLINGS: Readonly<Record<string, Spelling>> = {
  'JSON-RPC': ({ message }) => message,
  'a JSON-RPC batch': ({ message }) => ({ body: [message, { jsonrpc: '2.0', method: 'notifications/progress', params: {} }] }),
  'a JSON-RPC message as a text': ({ message }) => ({ msg: JSON.stringify(message) }),
  'a JSON-RPC message as a text in a text': ({ message }) => ({ log: JSON.stringify({ body: JSON.stringify(message) }) }),
  "Anthropic's messages": (item) =>
    item.isRequest
      ? {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', id: id(item), name: tool(item), input: args(item) },
          ],
        }
      : { role: 'user', content: [{ type: 'tool_result', tool_use_id: id(item), content: [{ type: 'text', text: answer(item) }] }] },
  "Claude Code's transcripts": (item) =>
    item.isRequest
      ? { type: 'assistant', message: { content: [{ type: 'tool_use', id: id(item), name: `mcp__x__${tool(item)}`, input: args(item) }] } }
      : {
          type: 'user',
          message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id(item), content: answer(item) }] },
          toolUseResult: answer(item),
        },
  "Claude Code's transcripts, with the result's own form beside the message": (item) =>
    item.isRequest
      ? { message: { role: 'assistant', content: [{ type: 'tool_use', id: id(item), name: tool(item), input: args(item) }] } }
      : {
          message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id(item), content: item.message.result?.content }] },
          toolUseResult: answer(item),
          mcpMeta: { structuredContent: item.message.result?.structuredContent },
        },
  "OpenAI's chat completions": (item) =>
    item.isRequest
      ? {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: id(item), type: 'function', function: { name: tool(item), arguments: JSON.stringify(args(item)) } }],
        }
      : { role: 'tool', tool_call_id: id(item), content: answer(item) },
  'messages of a client that gives every call one id': (item) =>
    item.isRequest
      ? { role: 'assistant', tool_calls: [{ id: 'call_0', type: 'function', function: { name: tool(item), arguments: args(item) } }] }
      : { role: 'tool', tool_call_id: 'call_0', content: answer(item) },
  "OpenAI's responses": (item) =>
    item.isRequest
      ? { type: 'function_call', id: `fc_${item.id}`, call_id: id(item), name: tool(item), arguments: JSON.stringify(args(item)) }
      : { type: 'function_call_output', call_id: id(item), output: answer(item) },
  "Gemini's contents": (item) =>
    item.isRequest
      ? { role: 'model', parts: [{ functionCall: { name: tool(item), args: args(item) } }] }
      : { role: 'user', parts: [{ functionResponse: { name: 'a_tool', response: { output: answer(item) } } }] },
  "Bedrock's converse": (item) =>
    item.isRequest
      ? { role: 'assistant', content: [{ toolUse: { toolUseId: id(item), name: tool(item), input: args(item) } }] }
      : { role: 'user', content: [{ toolResult: { toolUseId: id(item), content: [{ json: item.message.result?.structuredContent }] } }] },
  "the AI SDK's messages": (item) =>
    item.isRequest
      ? { role: 'assistant', content: [{ type: 'tool-call', toolCallId: id(item), toolName: tool(item), input: args(item) }] }
      : {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: id(item), toolName: 'x', output: { type: 'text', value: answer(item) } }],
        },
  "LangChain's messages": (item) =>
    item.isRequest
      ? { type: 'ai', content: '', tool_calls: [{ name: tool(item), args: args(item), id: id(item), type: 'tool_call' }] }
      : { type: 'tool', tool_call_id: id(item), content: answer(item) },
  'a span of OpenTelemetry': (item) =>
    item.isRequest
      ? { name: 'execute_tool', attributes: { 'gen_ai.tool.call.arguments': JSON.stringify(args(item)) } }
      : { name: 'execute_tool', attributes: [{ key: 'gen_ai.tool.call.result', value: { stringValue: answer(item) } }] },
  "the export of VS Code's chat": (item) => {
    const call = `toolu_01UxEWpUpFbsKdKg${item.id}__vscode-1`;
    const output = [{ type: 'embed', isText: true, value: answer(item) }];
    return item.isRequest
      ? {
          result: {
            metadata: {
              toolCallRounds: [{ toolCalls: [{ name: `mcp_x_${tool(item)}`, arguments: JSON.stringify(args(item)), id: call }] }],
            },
          },
        }
      : {
          response: [{ toolCallId: call, toolId: `mcp_x_${tool(item)}`, resultDetails: { input: JSON.stringify(args(item)), output } }],
          result: { metadata: { toolCallResults: { [call]: { content: output } } } },
        };
  },
  "Codex's sessions": (item) => {
    const call = { call_id: `call_UxEWpUpFbsKdKgTm${item.id}`, invocation: { server: 'x', tool: tool(item), arguments: args(item) } };
    return item.isRequest
      ? { type: 'event_msg', payload: { type: 'mcp_tool_call_begin', ...call } }
      : { type: 'event_msg', payload: { type: 'mcp_tool_call_end', ...call, result: { Ok: item.message.result } } };
  },
  "Codex's events": (item) => {
    const call = { id: `item_${item.id}`, type: 'mcp_tool_call', server: 'x', tool: tool(item), arguments: args(item) };
    return item.isRequest
      ? { type: 'item.started', item: { ...call, result: null, status: 'in_progress' } }
      : { type: 'item.completed', item: { ...call, result: item.message.result, status: 'completed' } };
  },
  "Cline's messages, with the call in XML": (item) => ({
    role: item.isRequest ? 'assistant' : 'user',
    content: [
      { type: 'text', text: item.isRequest ? 'I record it.' : "[use_mcp_tool for 'x'] Result:" },
      { type: 'text', text: item.isRequest ? callInXml(item) : answer(item) },
    ],
  }),
  "OpenCode's parts": (item) => {
    const state = item.isRequest ? { status: 'running' } : { status: 'completed', output: answer(item) };
    return { type: 'tool', callID: `call_UxEWpUpFbsKdKgTm${item.id}`, tool: `x_${tool(item)}`, state: { ...state, input: args(item) } };
  },
  "Gemini CLI's telemetry": (item) =>
    item.isRequest
      ? { attributes: { function_name: tool(item), function_args: JSON.stringify(args(item), null, 2) } }
      : { parts: [{ functionResponse: { name: tool(item), response: { output: answer(item) } } }] },
  ...Object.fromEntries(Object.entries(SPANS).map(([name, write]) => [`a span of ${name}`, write])),
  "an SDK's result without JSON-RPC": (item) => (item.isRequest ? { request: item.message.params } : { response: item.message.result }),
};
