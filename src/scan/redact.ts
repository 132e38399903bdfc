/** Takes handles out of a text that is to leave the house, and leaves all else as it is. */
import { fingerprint } from '../handle/index.ts';
import { readBroken, START } from './broken.ts';
import { HANDLE_PREFIX, LONGEST_HANDLE, readAt } from './find.ts';

export interface Redactor {
  /** Takes a chunk, which may be cut anywhere, and gives what can be said by now. */
  push(chunk: string): Promise<string>;
  /** Gives what was held back. */
  end(): Promise<string>;
  /** What was replaced so far: whole handles, and what only begins as one. */
  readonly count: { readonly handles: number; readonly cut: number };
}

/** How much is held back until it is clear what it is, in characters: a handle may be written with escapes. */
const MOST_HELD = 2 * LONGEST_HANDLE;

/** What no handle contains, however it is written: here it ends. */
const FOREIGN = /[^A-Za-z0-9_.%\\-]/;

/** A dot, `-` or `_` as URLs (`%2E`) and JSON or JavaScript (`\u002e`, `\x2e`) may write it, also within each other. */
const ESCAPED = String.raw`(?:%(?:25){0,4}|\\{1,16}(?:u00|x))(?:2[DdEe]|5[Ff])`;

/** More than such an escape takes: so much behind a handle tells that it has ended. Characters. */
const LOOKAHEAD = 32;

/** What begins as a handle and goes on like one; full stops behind it are the sentence's. */
const BEGINNING = new RegExp(String.raw`(?:\.*(?:[A-Za-z0-9_-]+|${ESCAPED}))+`, 'y');

/**
 * Replaces each handle by its fingerprint, as `[handle Zm9vYmFyYmF6]`, and what begins as one and is not, since it was
 * cut, changed or written with escapes, by `[handle, cut]`. Nothing but ASCII is looked at, so that the characters of
 * the text may stand for bytes (ISO 8859-1).
 */
export function createRedactor(): Redactor {
  let [handles, cut] = [0, 0];
  let held: string[] = [];
  let length = 0;
  /** Within what began as a handle and is longer than any. It was said, and the rest of it is left out. */
  let within = false;

  function hold(text: string): void {
    if (text === '') return;
    held.push(text);
    length += text.length;
  }

  /** Says what is clear of the text that was held back and goes on with `text`, and holds back the rest. */
  async function settle(text: string, isLast: boolean): Promise<string> {
    const all = [...held, text].join('');
    [held, length] = [[], 0];
    const parts: (string | Promise<string>)[] = [];
    let from = 0;
    for (let at = all.indexOf(START); at !== -1; at = all.indexOf(START, Math.max(from, at + 1))) {
      const broken = readAt(all, at) === undefined ? readBroken(all, at, isLast) : undefined;
      const found = broken === 'open' ? undefined : (broken ?? readAt(all, at));
      const end = typeof broken === 'object' ? broken.end : at + (found?.length ?? lengthOfBeginning(all, at));
      // What only begins as a handle's header does may be another token; it stays, unless it turns out to be a handle.
      if (found === undefined && broken !== 'open' && !all.startsWith(HANDLE_PREFIX, at)) continue;
      if (broken === 'open' && isLast && !all.startsWith(HANDLE_PREFIX, at)) continue;
      const isOpen = broken === 'open' || (all.length - end < LOOKAHEAD && !FOREIGN.test(all.slice(end)));
      const mayGoOn = !isLast && isOpen;
      parts.push(all.slice(from, at));
      if (mayGoOn && all.length - at <= MOST_HELD) {
        hold(all.slice(at));
        return (await Promise.all(parts)).join('');
      }
      if (found === undefined) cut += 1;
      else handles += 1;
      parts.push(found === undefined ? '[handle, cut]' : fingerprint(found.handle).then((name) => `[handle ${name}]`));
      within = mayGoOn;
      from = within ? all.length : end;
    }
    const end = isLast ? all.length : all.length - lengthOfPrefixAtEnd(all);
    parts.push(all.slice(from, end));
    hold(all.slice(Math.max(from, end)));
    return (await Promise.all(parts)).join('');
  }

  return {
    async push(chunk) {
      let text = chunk;
      if (within) {
        const end = text.search(FOREIGN);
        if (end === -1) return '';
        within = false;
        text = text.slice(end);
      }
      // What is held back goes on, and there is nothing yet to be said of it.
      if (length > 0 && length + text.length <= MOST_HELD && !FOREIGN.test(text)) {
        hold(text);
        return '';
      }
      return settle(text, false);
    },
    end: () => settle('', true),
    get count() {
      return { handles, cut };
    },
  };
}

function lengthOfBeginning(text: string, at: number): number {
  BEGINNING.lastIndex = at;
  return BEGINNING.exec(text)?.[0].length ?? HANDLE_PREFIX.length;
}

/** How much of the end of a text may be the beginning of a handle that goes on behind it. */
function lengthOfPrefixAtEnd(text: string): number {
  let length = Math.min(text.length, HANDLE_PREFIX.length - 1);
  while (!text.endsWith(HANDLE_PREFIX.slice(0, length))) length -= 1;
  return length;
}
