/** Streams the input of a call as models' APIs do: in pieces, each in an event of its own. */
import type { Item } from './stories.ts';

const PIECE = 3;
const input = ({ message }: Item) => JSON.stringify(message.params?.arguments);
const pieces = (item: Item) => input(item).match(new RegExp(`.{1,${PIECE}}`, 'gs')) ?? [];
const tool = ({ message }: Item) => message.params?.name;
const call = ({ id }: Item) => `call_${id}`;

/** A function for each API. Each function makes the events of one call. */
export const STREAMS: Readonly<Record<string, (item: Item) => readonly object[]>> = {
  Anthropic: (item) => [
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Let me see' } },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: `toolu_${item.id}`, name: tool(item), input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '' } },
    ...pieces(item).map((piece) => ({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: piece } })),
    { type: 'content_block_stop', index: 1 },
  ],
  "OpenAI's chat completions": (item) =>
    ['', ...pieces(item)].map((piece, at) => ({
      id: `chatcmpl-${item.id}`,
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              {
                index: 0,
                ...(at === 0 && { id: call(item), type: 'function' }),
                function: { ...(at === 0 && { name: tool(item) }), arguments: piece },
              },
            ],
          },
          finish_reason: null,
        },
      ],
    })),
  'chat completions with a different id in each event': (item) =>
    pieces(item).map((piece, at) => ({
      id: `chatcmpl-${item.id}-${at}`,
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } }],
    })),
  "OpenAI's responses, with the whole input after its pieces": (item) => {
    const done = { type: 'function_call', id: `fc_67ca09c6bedc819${item.id}`, call_id: `call_unDCV3R4NWCl0Bb${item.id}`, name: tool(item) };
    return [
      { type: 'response.output_item.added', output_index: 0, item: { ...done, arguments: '' } },
      ...pieces(item).map((delta, at) => ({
        type: 'response.function_call_arguments.delta',
        item_id: done.id,
        output_index: 0,
        sequence_number: at,
        delta,
        obfuscation: 'x'.repeat(at % 16),
      })),
      { type: 'response.function_call_arguments.done', item_id: done.id, output_index: 0, arguments: input(item) },
      { type: 'response.output_item.done', output_index: 0, item: { ...done, arguments: input(item) } },
    ];
  },
  "Bedrock's converse": (item) =>
    pieces(item).map((piece) => ({ contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: piece } } } })),
  'the AI SDK': (item) => pieces(item).map((delta) => ({ type: 'tool-input-delta', id: call(item), delta })),
  LangChain: (item) =>
    pieces(item).map((args, at) => ({
      type: 'AIMessageChunk',
      tool_call_chunks: [{ name: at === 0 ? tool(item) : null, args, id: at === 0 ? call(item) : null, index: 0 }],
    })),
};
