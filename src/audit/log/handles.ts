/** Handles in a part of a log, and what begins as one and is none. */
import { type FoundHandle, findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from '../../scan/index.ts';

/** How every header of a handle begins, whatever comes after its first members. */
export const START: string = HANDLE_PREFIX.slice(0, 16);

/** What a piece of a line keeps for the next one: the longest handle, and the two characters behind it that tell where it ends. */
export const OVERLAP: number = LONGEST_HANDLE + 2;

/** How many handles are known at a time: those of a log come up again and again. */
const MOST_KNOWN = 256;

export interface HandleFinder {
  /**
   * @param upTo where handles that begin there or later are left alone
   * @returns the handles, and how many things begin as one and are none: they were cut or changed
   */
  find(text: string, upTo: number): { readonly handles: readonly FoundHandle[]; readonly incomplete: number };
}

/** Finds handles, and looks at each of those that come up again and again once. */
export function createHandleFinder(): HandleFinder {
  const known = new Map<string, FoundHandle>();
  return {
    find(text, upTo) {
      const handles: FoundHandle[] = [];
      let [incomplete, end] = [0, 0];
      for (const found of findHandles(text, known)) {
        if (found.index >= upTo) break;
        if (found.length > LONGEST_HANDLE) continue;
        incomplete += beginningsIn(text, end, found.index);
        end = found.index + found.length;
        handles.push(found);
        if (known.size >= MOST_KNOWN) known.clear();
        known.set(found.handle, found);
      }
      return { handles, incomplete: incomplete + beginningsIn(text, end, upTo) };
    },
  };
}

/** How many things begin as a handle between two places. */
function beginningsIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf(START, from); at !== -1 && at < to; at = text.indexOf(START, at + START.length)) {
    if (isBeginning(text, at)) count += 1;
  }
  return count;
}

const WORD = /^[A-Za-z0-9_-]*/;

/** Whether it has all that handles have in common, or ends within that. Other tokens begin alike, and go on in another way. */
function isBeginning(text: string, at: number): boolean {
  if (text.startsWith(HANDLE_PREFIX, at)) return true;
  const word = WORD.exec(text.slice(at, at + HANDLE_PREFIX.length))?.[0] ?? '';
  return HANDLE_PREFIX.startsWith(word);
}
