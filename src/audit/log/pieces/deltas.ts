/** Recognizes the pieces of streams in records: the deltas in which a model's API sends words and the input of calls. */

/** A piece of a stream. Until its stream is put together, it is a mention by itself. */
export interface StreamPiece {
  readonly piece: string;
}

/** Members that hold pieces of a call's input, and of words, within an object that is a delta. */
const INPUTS = new Set(['arguments', 'args', 'input', 'partial_json', 'stringValue']);
const WORDS = new Set(['text', 'content', 'thinking', 'reasoning', 'reasoning_content', 'refusal']);

/** The names of deltas: of a text by itself, and of an object with the text in it. */
const DELTA = /(?:delta|partial_?json)$/i;
const OF_DELTAS = /delta|chunks?$|^partial/i;

/** Every delta has one of these words. The reader of a log passes over lines without them. */
export const SAYS_STREAM = ['elta', 'chunk', 'partial'];

/** Whether a string is a piece of a stream. @param around the names of the objects and arrays around it */
export function isPiece(member: string, around: readonly { readonly name: string | undefined }[]): boolean {
  if (DELTA.test(member)) return true;
  return (INPUTS.has(member) || WORDS.has(member)) && around.some(({ name }) => name !== undefined && OF_DELTAS.test(name));
}

/** The role of a piece: a part of what a client presents, or a part of words. @param type the type of the piece's event */
export function roleOfPiece(member: string, type: unknown): 'presented' | 'mentioned' {
  if (INPUTS.has(member) || /(?:input|arg)/i.test(member)) return 'presented';
  return DELTA.test(member) && /arg|tool|function|input/i.test(String(type)) ? 'presented' : 'mentioned';
}

/** The members that tell one stream from another. */
const NAMES_STREAM =
  /^(?:(?:output_|content_?|content_?block_?|tool_)?index|(?:item|response|message|request|req|trace|run|connection|conn|stream|tool_?call|call|tool_?use|session|conversation|thread|chat)_?id)$/i;

/** Names and values of members. */
interface Members {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * What an object adds to the name of the streams in it. An `id` names a stream only if the piece stands beside the `id`, or
 * if the object is a completion (with `choices`). Otherwise each event has its own `id`.
 */
export function streamNameOf({ names, values }: Members, isDirect: boolean, hasChoices: boolean): string {
  return names
    .map((name, at) => (NAMES_STREAM.test(name) || (name === 'id' && (isDirect || hasChoices)) ? `${name}=${values[at]} ` : ''))
    .join('');
}
