/**
 * Reads the text of a log: finds the values of JSON in it by their balance, wherever they stand, and the handles in these
 * values and around them. What JavaScript and Python print in the place of JSON is read as well: names without quotation
 * marks, single ones, words as values.
 *
 * Each character is looked at once, whatever it is; what is remembered is the frames that are open, and their handles.
 */
import { addMention, ELEMENT, type Frame, keep, keepName, LONGEST_KEPT, newFrame, settle } from './frame.ts';
import { createHandleFinder, type HandleFinder, OVERLAP, START } from './handles.ts';
import { type Mention, merged } from './mention.ts';
import type { TextOptions, TextReader } from './reader.ts';
import { respelled, unquoted } from './spelling.ts';
import { timeInText } from './times.ts';
import {
  APOSTROPHE,
  BACKTICK,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
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

/** Where a text stands in another. */
interface Surroundings {
  readonly finder: HandleFinder;
  /** How many texts it stands in. */
  readonly depth: number;
  readonly line: number;
  readonly place: number;
}

/** How deep values are looked into, and texts within texts. Handles below are found all the same, without their context. */
const MOST_DEPTH = 128;
const MOST_TEXTS = 8;

/** How many handles of a value wait for what is told of them further out. */
const MOST_PENDING = 4096;

/** How much text before a value is looked at for the time of a line, and of one in a text within a text: there a time is the line's where it begins with it. Characters. */
const LONGEST_LEAD = 512;
const LONGEST_INNER_LEAD = 48;

/** What stands before the rest of a line where a value goes on over lines: who writes (`web-1  | `), when, to which stream. */
const LEAD =
  /[ \t]*(?:[\w./-]{1,64}[ \t]*\|[ \t]?)?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[ \t]+(?:std(?:out|err) [FP] )?)?(?:[>#][ \t])?/y;

/** What is there does not end here: more of the line is needed. */
const MORE = -1;

/** What is to come next in the innermost frame. */
type Expected = 'name' | 'colon' | 'value' | 'comma';

export function createTextReader({ callerPath, unread, nextPlace, take }: TextOptions, outside?: Surroundings): TextReader {
  const depth = outside?.depth ?? 0;
  const finder = outside?.finder ?? createHandleFinder();
  const longestLead = depth === 0 ? LONGEST_LEAD : LONGEST_INNER_LEAD;
  const stack: Frame[] = [];
  let line = outside?.line ?? 1;
  /** The place of what is being read, outside of arrays. */
  let place = outside?.place;
  let expected: Expected = 'value';
  /** How many handles wait for their frames to close. */
  let pending = 0;
  /** What stands in the line before the outermost value, and the time that this tells. */
  let [lead, time, isTimed] = ['', undefined as number | undefined, false];
  /** Handles of the line, outside of values. */
  let loose: Mention[] = [];
  /** Quotation marks that open in the line and do not close: there is no use in looking for their end again. */
  const unclosed = new Set<number>();
  /** Within a string that is not looked into: its quotation mark. */
  let passedOver: number | undefined;
  /** What is being read, where the next handle may begin in it, where its line ends, and up to where its handles were noted. */
  let [text, nextStart, lineEnd, noted] = ['', -1, -1, 0];
  /** Where the line and the outermost value begin in it, if they are there; and how many lines came before either. */
  let [lineStart, rootStart, row, rootRow] = [0 as number | undefined, 0 as number | undefined, 0, 0];

  function mayHaveHandle(from: number, to: number): boolean {
    if (nextStart < from) {
      const found = text.indexOf(START, from);
      nextStart = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return nextStart < to;
  }

  function placeHere(): number {
    const frame = stack.at(-1);
    if (frame !== undefined) return frame.isArray ? nextPlace() : frame.place;
    place ??= nextPlace();
    return place;
  }

  function timeOfLine(): number | undefined {
    if (!isTimed) [time, isTimed] = [timeInText(lead), true];
    return time;
  }

  /** Adds to what stands before the next value of the line. */
  function addLead(from: number, to: number): void {
    if (!isTimed && lead.length < longestLead) lead += text.slice(from, Math.min(to, from + longestLead));
  }

  /** Lines without handles matter only where a value goes on behind them. @returns where the first other one begins */
  function passOverLines(from: number): number {
    const end = mayHaveHandle(from, text.length) ? nextStart : text.length;
    const { next, count } = passOverClosedLines(text, from, end);
    if (count > 0) nextLine(next, count);
    return next;
  }

  /** Reads plain text up to the next value or the end of the line. */
  function readPlain(from: number, isWhole: boolean): number {
    const found = endOfPlainText(text, from);
    const isCut = found === text.length && !isWhole;
    const end = isCut ? Math.max(from, found - OVERLAP) : found;
    const since = Math.max(from, noted);
    if (since < end && mayHaveHandle(since, end)) {
      const { handles, incomplete } = finder.find(text.slice(since, isCut ? text.length : end), end - since);
      unread.incomplete += incomplete;
      for (const handle of handles) {
        const before = lead + text.slice(from, Math.min(since + handle.index, from + longestLead));
        loose.push({ found: handle, isWhole: false, line, place: placeHere(), member: undefined, time: timeInText(before) });
      }
    }
    addLead(from, end);
    if (loose.length > MOST_PENDING) releaseLoose();
    if (isCut) return end === from ? MORE : end;
    if (end === text.length) return end;
    if (text.charCodeAt(end) === NEWLINE) {
      forgetLine();
      nextLine(end + 1);
      return end + 1;
    }
    const spelled = isWhole && depth < MOST_TEXTS && isHandleInLine(end) ? respelled(text, end, endOfLine(end)) : undefined;
    if (spelled === undefined) {
      [rootStart, rootRow] = [end, row];
      open(text.charCodeAt(end) === OPEN_ARRAY);
      return end + 1;
    }
    for (const mention of mentionsIn(spelled)) loose.push({ ...mention, time: mention.time ?? timeOfLine() });
    return endOfLine(end);
  }

  function endOfLine(from: number): number {
    if (lineEnd < from) {
      const found = text.indexOf('\n', from);
      lineEnd = found === -1 ? text.length : found;
    }
    return lineEnd;
  }

  function isHandleInLine(from: number): boolean {
    return mayHaveHandle(from, text.length) && nextStart < endOfLine(from);
  }

  function releaseLoose(): void {
    if (loose.length > 0) take(merged(loose));
    loose = [];
  }

  function forgetLine(): void {
    releaseLoose();
    place = undefined;
    [lead, time, isTimed] = ['', undefined, false];
  }

  /** @param next where the next line begins @param count how many lines have ended */
  function nextLine(next: number, count = 1): void {
    if (depth === 0) line += count;
    row += count;
    lineStart = next;
    unclosed.clear();
  }

  /** Reads one token of the value that is open. @returns where it ends */
  function readToken(from: number, isWhole: boolean): number {
    const at = skipBlanks(text, from);
    if (at === text.length) return at;
    const frame = stack.at(-1) as Frame;
    const code = text.charCodeAt(at);
    switch (code) {
      case NEWLINE:
        nextLine(at + 1);
        LEAD.lastIndex = at + 1;
        return LEAD.test(text) ? LEAD.lastIndex : at + 1;
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
        open(code === OPEN_ARRAY);
        return at + 1;
      case CLOSE_OBJECT:
        if (frame.isArray || (expected !== 'comma' && expected !== 'name')) return giveUp(at);
        close();
        return at + 1;
      case CLOSE_ARRAY:
        if (!frame.isArray || (expected !== 'comma' && expected !== 'value')) return giveUp(at);
        close();
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
    if (mayHaveHandle(from, to))
      hold(
        frame,
        mentionsIn(frame.member).map((mention) => ({ ...mention, member: undefined })),
      );
    return next;
  }

  /** Reads a string or a word. @param meaning what it stands for */
  function readValue(frame: Frame, from: number, to: number, meaning: (raw: string) => unknown): void {
    const name = frame.isArray ? ELEMENT : (frame.member ?? '');
    const isNew = from >= noted && mayHaveHandle(from, to);
    if (isNew) hold(frame, mentionsIn(unquoted(text.slice(from, to))));
    if (isNew || to - from > LONGEST_KEPT) keepName(frame, name);
    else keep(frame, name, meaning(text.slice(from, to)));
    expected = 'comma';
  }

  /** The handles of a text within the text, which may itself be a log, or one handle and nothing else. */
  function mentionsIn(content: string): Mention[] {
    const at = placeHere();
    const member = stack.at(-1)?.member;
    const whole = finder.find(content, 1).handles[0];
    if (whole?.length === content.length) return [{ found: whole, isWhole: true, line, place: at, member }];
    const mentions: Mention[] = [];
    const collect = (taken: readonly Mention[]) => {
      for (const mention of taken) mentions.push(mention);
    };
    const inner: TextOptions = { callerPath, unread, nextPlace, take: collect };
    if (depth < MOST_TEXTS) {
      const reader = createTextReader(inner, { depth: depth + 1, line, place: at, finder });
      reader.read(content, true);
      reader.end();
      return mentions.map((mention) => ({ ...mention, member, isWhole: false }));
    }
    const { handles, incomplete } = finder.find(content, content.length);
    unread.incomplete += incomplete;
    return handles.map((found) => ({ found, isWhole: false, line, place: at, member }));
  }

  function hold(frame: Frame, mentions: readonly Mention[]): void {
    for (const mention of mentions) addMention(frame, mention);
    pending += mentions.length;
  }

  function open(isArray: boolean): void {
    stack.push(newFrame(isArray, stack.at(-1)?.member, placeHere()));
    expected = isArray ? 'value' : 'name';
  }

  function close(): void {
    const frame = stack.pop() as Frame;
    const outer = stack.at(-1);
    settle(frame, outer, callerPath);
    expected = 'comma';
    if (outer === undefined) release(frame);
    else if (pending > MOST_PENDING) releaseOpen();
  }

  /**
   * The value that is open is none: it is left, and reading goes on outside of it, where it became clear; or, where it
   * began on another line, with the line, which may be another record.
   */
  function giveUp(at: number): number {
    const root = stack[0] as Frame;
    const isBegun = stack.length > 1 || (!root.isArray && root.names.length + root.structured.length > 0);
    if ((isBegun && isHandleInLine(at)) || pending > 0) unread.broken += 1;
    releaseOpen();
    stack.length = 0;
    place = undefined;
    if (row === rootRow && rootStart !== undefined) addLead(rootStart, at);
    if (row === rootRow || lineStart === undefined) return at;
    forgetLine();
    noted = at;
    return lineStart;
  }

  /** Says what is known so far of the handles in values that are open. */
  function releaseOpen(): void {
    for (let at = stack.length - 1; at >= 0; at -= 1) {
      const frame = stack[at] as Frame;
      if (frame.mentions.length === 0) continue;
      settle(frame, stack[at - 1], callerPath);
      if (at === 0) release(frame);
      frame.mentions = [];
    }
  }

  /** Says what is known of the handles in an outermost value. */
  function release({ mentions }: Frame): void {
    pending = 0;
    if (stack.length === 0) place = undefined;
    if (mentions.length === 0) return;
    for (const mention of mentions) mention.time ??= timeOfLine();
    take(mentions);
  }

  /** Reads on in a string that is not looked into. */
  function readPassedOver(from: number, isWhole: boolean, quote: number): number {
    const found = endOfString(text, from, quote);
    const isCut = found < 0 && !isWhole;
    const end = found >= 0 ? found : isCut ? Math.max(from, text.length - OVERLAP) : endOfLine(from);
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
      [text, nextStart, lineEnd, noted] = [given, -1, -1, 0];
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
      [text, nextStart, lineEnd] = ['', -1, -1];
      return at;
    },
    passOver(given) {
      const at = skipBlanks(given, 0);
      const code = given.charCodeAt(at);
      if (expected === 'value' && (code === QUOTE || code === APOSTROPHE || code === BACKTICK)) passedOver = code;
      else giveUp(at);
      return at + 1;
    },
    end() {
      if (stack.length > 0) giveUp(0);
      releaseLoose();
    },
  };
}
