/**
 * Reads the text of a log: JSON anywhere in the text, also in the notation in which JavaScript and Python print
 * objects. A frame is an object or an array that is being read. A mention is a handle at one place of the log. The
 * reader remembers only the open frames and their mentions.
 */
import { findBase64 } from '../../scan/index.ts';
import { createCursor } from './cursor.ts';
import { addMention, ELEMENT, type Frame, keep, keepName, keepOpaque, LONGEST_KEPT, newFrame, opaqueIn, settle } from './frame.ts';
import { createHandleFinder, OVERLAP } from './handles.ts';
import { createInnerReader, MOST_TEXTS, type Where } from './inner.ts';
import { createLine, withTimes } from './line.ts';
import type { Mention } from './mention.ts';
import { addLine, joinedLines } from './pieces/base64.ts';
import { isPiece } from './pieces/deltas.ts';
import type { Surroundings, TextOptions, TextReader } from './reader.ts';
import { isInputInXml } from './roles.ts';
import { respelled, unquoted } from './spelling.ts';
import {
  APOSTROPHE,
  BACKTICK,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfLead,
  endOfPlainText,
  endOfString,
  endOfWord,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_END,
  OPEN_OBJECT,
  passOverClosedLines,
  QUOTE,
  skipBlanks,
  UNCLOSED,
  valueOfWord,
} from './tokens.ts';

/** How many objects and arrays may be nested in one text. In a deeper value, the reader finds handles, but reads no JSON. */
const MOST_DEPTH = 128;
/** The maximum number of handles that wait for the end of the values around them. */
const MOST_PENDING = 4096;
/** How many characters before a value are searched for the time of a line. */
const LONGEST_LEAD = 512;
/** The same limit in a text within a text. There, only a time at the beginning of a line counts. */
const LONGEST_INNER_LEAD = 48;
/** How many characters before a value are read to find a tag in XML. */
const LONGEST_TAG = 64;
/** How many characters of a long string are enough to show whether the string is base64. */
const ENOUGH_TO_TELL = 4096;
/** The result of a reading function that needs more text of the line. */
const MORE = -1;
/** The kind of token that must come next in the innermost frame. */
type Expected = 'name' | 'colon' | 'value' | 'comma';

/**
 * @param outside where the text stands in another text; undefined for a log itself
 */
export function createTextReader({ callerPath, unread, nextPlace, take }: TextOptions, outside?: Surroundings): TextReader {
  const depth = outside?.depth ?? 0;
  const finder = outside?.finder ?? createHandleFinder();
  const cursor = createCursor();
  const inner = createInnerReader({ callerPath, unread, nextPlace, take }, { depth, finder }, createTextReader);
  const around = createLine(depth === 0 ? LONGEST_LEAD : LONGEST_INNER_LEAD, take);
  const stack: Frame[] = [];
  let line = outside?.line ?? 1;
  /** The number of the place that text outside of arrays belongs to. */
  let place = outside?.place;
  let expected: Expected = 'value';
  /** The number of handles that wait for the end of their frames. */
  let pending = 0;
  /** The codes of quotation marks that are not closed in the rest of this line. The reader looks for each only once. */
  const unclosed = new Set<number>();
  /** The quotation mark of a string that is only searched for handles. Undefined outside of such a string. */
  let passedOver: number | undefined;
  /** The text that is being read, and the index until which its handles were noted. */
  let [text, noted] = ['', 0];
  /**
   * Where the current line and the outermost value begin, as indexes and as numbers of lines. An index is undefined if
   * the line or the value began in an earlier text.
   */
  let [lineStart, rootStart, row, rootRow] = [0 as number | undefined, 0 as number | undefined, 0, 0];

  function placeHere(): number {
    const frame = stack.at(-1);
    if (frame !== undefined) return frame.isArray ? nextPlace() : frame.place;
    place ??= nextPlace();
    return place;
  }

  /**
   * Skips lines that contain no handle and leave no JSON value open. Returns the index of the first line that is
   * different.
   */
  function passOverLines(from: number): number {
    const { next, count } = passOverClosedLines(text, from, cursor.next(from));
    if (count > 0) nextLine(next, count);
    return next;
  }

  /** Notes the handles that stand outside of values and begin before `to`. They may extend to `readable`. */
  function notePlain(from: number, since: number, to: number, readable: number): void {
    if (cursor.hasBeginning(since, to)) {
      const { handles, incomplete } = finder.find(text.slice(since, readable), to - since);
      unread.incomplete += incomplete;
      for (const found of handles) {
        const times = around.timesBefore(text.slice(from, since + found.index));
        around.hold([{ found, isWhole: false, line, place: placeHere(), member: undefined, ...times }]);
      }
    }
    for (let run = cursor.base64In(since, to); run !== undefined; run = cursor.base64In(run.end, to)) {
      const times = around.timesBefore(text.slice(from, run.index));
      around.hold(mentionsOf(run.digits).map((mention) => withTimes(mention, times)));
    }
  }

  /** Reads plain text until the next value or the end of the line. */
  function readPlain(from: number, isWhole: boolean): number {
    const found = endOfPlainText(text, from);
    const isCut = found === text.length && !isWhole;
    const end = isCut ? Math.max(from, found - OVERLAP) : found;
    const since = Math.max(from, noted);
    if (since < end) notePlain(from, since, end, isCut ? text.length : end);
    around.lead(text.slice(from, end));
    if (around.held > MOST_PENDING) around.release();
    if (isCut) return end === from ? MORE : end;
    if (end === text.length) return end;
    if (text.charCodeAt(end) === NEWLINE) {
      endLine();
      nextLine(end + 1);
      return end + 1;
    }
    const spelled = isWhole && depth < MOST_TEXTS && isWorthReading(end) ? respelled(text, end, cursor.endOfLine(end)) : undefined;
    if (spelled === undefined) {
      [rootStart, rootRow] = [end, row];
      open(end);
      return end + 1;
    }
    around.hold(mentionsIn(spelled.text).map((mention) => withTimes(mention, around.times())));
    return spelled.end;
  }

  function isHandleInLine(from: number): boolean {
    return cursor.hasHandle(from, cursor.endOfLine(from));
  }

  function isWorthReading(from: number): boolean {
    return isHandleInLine(from) || cursor.hasStream(from, cursor.endOfLine(from));
  }

  function endLine(): void {
    around.end();
    place = undefined;
  }

  /** Counts lines that have ended. `next` is the index of the next line. */
  function nextLine(next: number, count = 1): void {
    if (depth === 0) line += count;
    row += count;
    lineStart = next;
    unclosed.clear();
  }

  /** Reads one token of the innermost open frame. Returns the index after the token. */
  function readToken(from: number, isWhole: boolean): number {
    const at = skipBlanks(text, from);
    if (at === text.length) return at;
    const frame = stack.at(-1) as Frame;
    const code = text.charCodeAt(at);
    switch (code) {
      case NEWLINE:
        nextLine(at + 1);
        return endOfLead(text, at + 1);
      case QUOTE:
      case APOSTROPHE:
      case BACKTICK: {
        if (expected !== 'name' && expected !== 'value') return giveUp(at);
        const end = unclosed.has(code) ? UNCLOSED : endOfString(text, at + 1, code);
        if (end === OPEN_END && !isWhole) return MORE;
        if (end < 0) {
          unclosed.add(code);
          return giveUp(at + 1);
        }
        if (expected === 'name') return readName(frame, at + 1, end, end + 1);
        readValue(frame, at + 1, end, unquoted);
        return end + 1;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (expected !== 'value' || stack.length >= MOST_DEPTH) return giveUp(at);
        open(at);
        return at + 1;
      case CLOSE_OBJECT:
        if (frame.isArray || (expected !== 'comma' && expected !== 'name')) return giveUp(at);
        close(at + 1);
        return at + 1;
      case CLOSE_ARRAY:
        if (!frame.isArray || (expected !== 'comma' && expected !== 'value')) return giveUp(at);
        close(at + 1);
        return at + 1;
      case COMMA:
        if (expected !== 'comma') return giveUp(at);
        expected = frame.isArray ? 'value' : 'name';
        return at + 1;
      case COLON:
        if (expected !== 'colon') return giveUp(at);
        expected = 'value';
        return at + 1;
      default: {
        const end = endOfWord(text, at);
        if (end === text.length && !isWhole) return MORE;
        if (expected === 'name') return readName(frame, at, end, end);
        if (expected !== 'value') return giveUp(at);
        readValue(frame, at, end, valueOfWord);
        return end;
      }
    }
  }

  function readName(frame: Frame, from: number, to: number, next: number): number {
    frame.member = unquoted(text.slice(from, to));
    expected = 'colon';
    if (cursor.hasHandle(from, to))
      hold(
        frame,
        mentionsIn(frame.member).map((mention) => ({ ...mention, member: undefined })),
      );
    return next;
  }

  /** Reads a string or a word. The function `meaning` turns the characters into the value. */
  function readValue(frame: Frame, from: number, to: number, meaning: (raw: string) => unknown): void {
    const name = frame.isArray ? ELEMENT : (frame.member ?? '');
    const hasHandle = from >= noted && cursor.hasHandle(from, to);
    const isEncoded = from >= noted && cursor.base64In(from, to) !== undefined;
    expected = 'comma';
    if (isPiece(frame.member ?? '', stack) && meaning === unquoted) {
      const found = { piece: unquoted(text.slice(from, to)) };
      hold(frame, [{ found, isWhole: true, line, place: placeHere(), member: frame.member }]);
      return;
    }
    if (frame.isArray && (isEncoded || frame.lines.length > 0)) {
      if (addLine(frame.lines, text.slice(from, to))) return;
      readLines(frame);
    }
    const mayHold = isEncoded || (from >= noted && cursor.hasBeginning(from, to)) || cursor.hasStream(from, to);
    if (mayHold) hold(frame, mentionsIn(unquoted(text.slice(from, to))));
    else keepOpaque(frame, text, from, to);
    if (hasHandle || to - from > LONGEST_KEPT) keepName(frame, name);
    else keep(frame, name, meaning(text.slice(from, to)));
  }

  function whereInText(): Where {
    return { line, place: placeHere(), member: stack.at(-1)?.member };
  }

  function mentionsIn(content: string): Mention[] {
    return inner.mentionsIn(content, whereInText());
  }

  function mentionsOf(digits: string): Mention[] {
    return inner.mentionsOf(digits, whereInText());
  }

  function readLines(frame: Frame): void {
    const digits = frame.lines.length > 0 ? joinedLines(frame.lines) : undefined;
    frame.lines = [];
    if (digits !== undefined) hold(frame, mentionsOf(digits));
  }

  function hold(frame: Frame, mentions: readonly Mention[]): void {
    for (const mention of mentions) addMention(frame, mention);
    pending += mentions.length;
  }

  function open(at: number): void {
    const isArray = text.charCodeAt(at) === OPEN_ARRAY;
    stack.push(newFrame(isArray, stack.at(-1)?.member, placeHere(), at));
    expected = isArray ? 'value' : 'name';
  }

  function textBefore({ start = 0 }: Frame): string {
    return text.slice(Math.max(0, start - LONGEST_TAG), start);
  }

  /** Closes the innermost frame. `end` is the index after the frame in the text. */
  function close(end: number): void {
    readLines(stack.at(-1) as Frame);
    const frame = stack.pop() as Frame;
    const outer = stack.at(-1);
    unread.packed += opaqueIn(frame);
    settle(frame, outer, callerPath, frame.start === undefined ? undefined : text.slice(frame.start, end));
    if (frame.mentions.length > 0 && outer === undefined && isInputInXml(textBefore(frame)))
      for (const mention of frame.mentions) mention.role ??= 'presented';
    expected = 'comma';
    // A number in brackets at the beginning of a line may be its time.
    if (outer === undefined && frame.isArray && frame.mentions.length === 0) around.lead(text.slice(frame.start ?? end, end));
    if (outer === undefined) release(frame);
    else if (pending > MOST_PENDING) releaseOpen();
  }

  /**
   * Leaves the open value, because it is not JSON. If the value began on an earlier line, the current line is read
   * again, because this line may be another record.
   */
  function giveUp(at: number): number {
    const root = stack[0] as Frame;
    const isBegun = stack.length > 1 || (!root.isArray && root.names.length + root.structured.length > 0);
    if ((isBegun && isHandleInLine(at)) || pending > 0) unread.broken += 1;
    releaseOpen();
    stack.length = 0;
    place = undefined;
    if (row === rootRow && rootStart !== undefined) around.lead(text.slice(rootStart, at));
    if (row === rootRow || lineStart === undefined) return at;
    endLine();
    noted = at;
    return lineStart;
  }

  /** Gives out the handles of open frames with everything that is known about them so far. */
  function releaseOpen(): void {
    for (let at = stack.length - 1; at >= 0; at -= 1) {
      const frame = stack[at] as Frame;
      readLines(frame);
      if (frame.mentions.length === 0) continue;
      settle(frame, stack[at - 1], callerPath);
      if (at === 0) release(frame);
      frame.mentions = [];
    }
  }

  function release({ mentions }: Frame): void {
    pending = 0;
    if (stack.length === 0) place = undefined;
    if (mentions.length === 0) return;
    const times = around.times();
    take(mentions.map((mention) => withTimes(mention, times)));
  }

  /** Continues to read a string that is only searched for handles. */
  function readPassedOver(from: number, isWhole: boolean, quote: number): number {
    const found = endOfString(text, from, quote);
    const isCut = found < 0 && !isWhole;
    const end = found >= 0 ? found : isCut ? Math.max(from, text.length - OVERLAP) : cursor.endOfLine(from);
    const { handles, incomplete } = finder.find(text.slice(from, isCut ? text.length : end), end - from);
    unread.incomplete += incomplete;
    const frame = stack.at(-1);
    const mentions = handles.map((handle) => ({ found: handle, isWhole: false, line, place: placeHere(), member: frame?.member }));
    if (frame !== undefined) hold(frame, mentions);
    if (isCut) return end === from ? MORE : end;
    passedOver = undefined;
    expected = 'comma';
    return found >= 0 ? end + 1 : giveUp(end);
  }

  return {
    get line() {
      return line;
    },
    read(given, isWhole) {
      [text, noted] = [given, 0];
      for (const frame of stack) frame.start = undefined;
      cursor.take(text);
      let at = 0;
      while (at < text.length) {
        if (at === lineStart && stack.length === 0 && isWhole) at = passOverLines(at);
        if (at === text.length) break;
        const next = passedOver
          ? readPassedOver(at, isWhole, passedOver)
          : stack.length === 0
            ? readPlain(at, isWhole)
            : readToken(at, isWhole);
        if (next === MORE) break;
        at = next;
      }
      [lineStart, rootStart] = [isWhole ? 0 : undefined, undefined];
      text = '';
      cursor.take(text);
      return at;
    },
    passOver(given) {
      const at = skipBlanks(given, 0);
      const code = given.charCodeAt(at);
      if (findBase64(given.slice(at, at + ENOUGH_TO_TELL), 0) !== undefined) unread.packed += 1;
      if (expected === 'value' && (code === QUOTE || code === APOSTROPHE || code === BACKTICK)) passedOver = code;
      else giveUp(at);
      return at + 1;
    },
    end() {
      if (stack.length > 0) giveUp(0);
      around.release();
    },
  };
}
