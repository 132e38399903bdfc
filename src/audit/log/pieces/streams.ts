/**
 * Puts together the pieces of a stream: deltas of words, or deltas of a tool's input. Each delta stands in a record of
 * its own. A mention is a handle or a piece at one place of a log.
 */
import { LONGEST_HANDLE } from '../../../scan/index.ts';
import { SHORT_START } from '../handles.ts';
import type { Mention } from '../mention.ts';
import type { Unread } from '../reader.ts';
import type { StreamPiece } from './deltas.ts';

/** How many streams may be open at a time. */
const MOST_STREAMS = 256;
/** The length of the longest stream, in characters. */
const LONGEST_STREAM = 2 * LONGEST_HANDLE;

/** Matches a word so long that it may be a mixture of two handles. */
const LONG_WORD = /[\w.-]{60}/;

interface Stream {
  readonly role: Mention['role'];
  /** Whether the stream is a JSON value. Otherwise the stream is words. */
  readonly isValue: boolean;
  parts: string[];
  length: number;
  /**
   * The state at the end of the stream. `depth` counts open brackets, and `isEscaped` means a backslash at the end of a
   * string.
   */
  depth: number;
  isString: boolean;
  isEscaped: boolean;
  last: Mention;
  /** How many pieces arrived under the name of this stream. */
  own: number;
}

export interface Streams {
  /**
   * Removes the pieces of streams from mentions. If a piece ends a value or a word, the handles in this value or word
   * take its place.
   */
  join(mentions: readonly Mention[]): readonly Mention[];
  /** Ends all streams, and returns the mentions in them. */
  end(): readonly Mention[];
}

/**
 * @param read a function that returns the mentions in a text
 */
export function createStreams(unread: Unread, read: (text: string) => readonly Mention[]): Streams {
  /** The streams by name. Those whose names have not come for the longest time are first. */
  const streams = new Map<string, Stream>();

  /**
   * Reads a text that was put together from the pieces of a stream.
   *
   * @param isWhole false if the stream broke off. Otherwise, the text ends with a whole JSON value or a whole word
   */
  function mentionsIn(stream: Stream, text: string, isWhole: boolean): Mention[] {
    const before = unread.incomplete + unread.broken;
    const { line, place, time, recorded, caller, session, role } = stream.last;
    const found = read(text).map((mention) => ({
      ...mention,
      ...{ line, place, time, recorded, caller, session, isStreamed: true },
      role: mention.role ?? stream.role ?? role,
    }));
    const isSound = !stream.isValue || (isWhole && isJson(text));
    if (!isSound && found.length === 0 && unread.incomplete + unread.broken === before && LONG_WORD.test(text)) unread.incomplete += 1;
    return found;
  }

  /**
   * Adds a piece to a stream.
   *
   * @returns the mentions in the values or words that the piece ends
   */
  function add(stream: Stream, piece: string, last: Mention): Mention[] {
    const found: Mention[] = [];
    let rest = piece;
    for (let end = endIn(stream, rest); end !== -1; end = endIn(stream, rest)) {
      const text = stream.parts.join('') + rest.slice(0, end);
      if (/\S/.test(rest.slice(0, end))) stream.last = last;
      if (stream.isValue || text.includes(SHORT_START)) found.push(...mentionsIn(stream, text, true));
      [stream.parts, stream.length, rest] = [[], 0, rest.slice(end)];
      if (rest === '') break;
    }
    if (rest === '') return found;
    stream.parts.push(rest);
    stream.length += rest.length;
    stream.last = last;
    return stream.length > LONGEST_STREAM ? [...found, ...finish(stream)] : found;
  }

  function finish(stream: Stream): Mention[] {
    const text = stream.parts.join('');
    [stream.parts, stream.length, stream.depth, stream.isString, stream.isEscaped] = [[], 0, 0, false, false];
    return stream.isValue || text.includes(SHORT_START) ? mentionsIn(stream, text, false) : [];
  }

  function take(mention: Mention, { piece }: StreamPiece): Mention[] {
    const { stream: name = '', role } = mention;
    const isBeginning = /^\s*[{[]/.test(piece);
    const known = streams.get(name) ?? (role === 'presented' ? openStream(isBeginning) : undefined);
    const isOther = known === undefined || (known.length === 0 && isBeginning !== known.isValue);
    const stream = isOther ? newStream(mention, isBeginning) : known;
    const found = isOther && known !== undefined ? finish(known) : [];
    if (isOther || streams.has(name)) {
      streams.delete(name);
      streams.set(name, stream);
      stream.own += 1;
    }
    found.push(...add(stream, piece, mention));
    const [oldest] = streams;
    if (streams.size > MOST_STREAMS && oldest !== undefined) {
      streams.delete(oldest[0]);
      found.push(...finish(oldest[1]));
    }
    return found;
  }

  /**
   * Returns the open stream that a piece may continue if the piece names no open stream. The name consists of ids, and
   * some servers give each piece a different id, or give an id only to the first piece.
   */
  function openStream(isBeginning: boolean): Stream | undefined {
    return [...streams.values()].findLast(
      ({ isValue, isString, length, role, own, parts }) =>
        isValue && length > 0 && role === 'presented' && own === 1 && (!isBeginning || isString || /[:,[]\s*$/.test(parts.at(-1) ?? '')),
    );
  }

  return {
    join(mentions) {
      if (!mentions.some(({ found }) => 'piece' in found)) return mentions;
      return mentions.flatMap((mention) => ('piece' in mention.found ? take(mention, mention.found) : mention));
    },
    end: () => [...streams.values()].flatMap(finish),
  };
}

function newStream(last: Mention, isValue: boolean): Stream {
  return { role: last.role, isValue, parts: [], length: 0, depth: 0, isString: false, isEscaped: false, last, own: 0 };
}

/**
 * In a stream that is a JSON value, returns the index at which the piece ends the value. In a stream of words, returns
 * the index after the last word that the piece ends. Returns -1 if the piece ends nothing.
 */
function endIn(stream: Stream, piece: string): number {
  if (!stream.isValue) return endOfLastBlank(piece);
  for (let at = 0; at < piece.length; at += 1) {
    const character = piece.charAt(at);
    if (stream.isEscaped) stream.isEscaped = false;
    else if (character === '\\') stream.isEscaped = stream.isString;
    else if (character === '"') stream.isString = !stream.isString;
    else if (!stream.isString && (character === '{' || character === '[')) stream.depth += 1;
    else if (!stream.isString && (character === '}' || character === ']')) {
      stream.depth -= 1;
      if (stream.depth <= 0) {
        stream.depth = 0;
        return at + 1;
      }
    }
  }
  return -1;
}

function endOfLastBlank(piece: string): number {
  let at = piece.length;
  while (at > 0 && !/\s/.test(piece.charAt(at - 1))) at -= 1;
  return at === 0 ? -1 : at;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
