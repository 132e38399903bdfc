/**
 * Recognizes the pieces of streams in log records. The APIs of models send words and the input of calls in pieces,
 * called deltas.
 */

/** A piece of a stream. It counts as a mention until its stream is put together. */
export interface StreamPiece {
  readonly piece: string;
}

/** The members of a delta that contain pieces of a call's input (`INPUTS`), or pieces of what the model writes (`WORDS`). */
const INPUTS = new Set(['arguments', 'args', 'input', 'partial_json', 'stringValue']);
const WORDS = new Set(['text', 'content', 'thinking', 'reasoning', 'reasoning_content', 'refusal']);

/**
 * `DELTA` matches the names of members whose value is a delta, as a string. `OF_DELTAS` matches the names of members
 * whose value is an object or an array with deltas.
 */
const DELTA =
  /(?:delta|chunk|partial|partial_?json)$|^(?:delta|chunk|partial)_?(?:text|content|output|input|arguments|args|message|data|body)$/i;
const OF_DELTAS = /delta|chunks?$|^partial/i;

/** Every delta contains one of these words. The reader of a log passes over lines without these words. */
export const SAYS_STREAM = ['elta', 'chunk', 'artial'];

/**
 * Tells whether a string is a piece of a stream.
 *
 * @param member the name of the string
 * @param around the objects and arrays around the string
 */
export function isPiece(member: string, around: readonly { readonly name: string | undefined }[]): boolean {
  if (DELTA.test(member)) return true;
  return (INPUTS.has(member) || WORDS.has(member)) && around.some(({ name }) => name !== undefined && OF_DELTAS.test(name));
}

/**
 * Returns the role of a piece: `presented` for a part of a call's input, `mentioned` for a part of words.
 *
 * @param type the type of the event that brought the piece
 */
export function roleOfPiece(member: string, type: unknown): 'presented' | 'mentioned' {
  if (INPUTS.has(member) || /(?:input|arg)/i.test(member)) return 'presented';
  return DELTA.test(member) && /arg|tool|function|input/i.test(String(type)) ? 'presented' : 'mentioned';
}

/** Matches the names of members that distinguish one stream from another. */
const NAMES_STREAM =
  /^(?:(?:output_|content_?|content_?block_?|tool_)?index|(?:item|response|message|request|req|trace|run|connection|conn|stream|tool_?call|call|tool_?use|session|conversation|thread|chat)_?id)$/i;

interface Members {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Returns what an object around a piece adds to the name of the piece's stream. An `id` counts only beside the piece or
 * beside `choices`, because elsewhere each event has a new `id`.
 *
 * @param isDirect whether the piece is a member of the object itself
 */
export function streamNameOf({ names, values }: Members, isDirect: boolean, hasChoices: boolean): string {
  return names
    .map((name, at) => (NAMES_STREAM.test(name) || (name === 'id' && (isDirect || hasChoices)) ? `${name}=${values[at]} ` : ''))
    .join('');
}
