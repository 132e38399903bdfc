import { LONGEST_HANDLE } from '../scan/index.ts';

/** From how many characters on a line is read in pieces, which have no structure. A server takes no longer request (1 MiB). */
export const LONGEST_LINE = 1_048_576;

/** What a piece of a line keeps for the next one: the longest handle, and the two characters behind it that tell where it ends. */
const OVERLAP = LONGEST_HANDLE + 2;

/** A part of a log that can be looked at for itself. */
export interface Stretch {
  readonly text: string;
  /** Whether it is whole lines; otherwise a piece of one that is too long. */
  readonly whole: boolean;
  /** What begins from here on is in the next stretch too. */
  readonly upTo: number;
}

/** Cuts a stream of text so that no handle is cut, and holds back no more than a line, or a piece of one. */
export async function* stretchesOf(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Stretch> {
  let held: string[] = [];
  let length = 0;
  let withinLine = false;
  const hold = (text: string) => {
    if (text === '') return;
    held.push(text);
    length += text.length;
  };
  const release = (text: string) => {
    const all = [...held, text].join('');
    [held, length] = [[], 0];
    return all;
  };

  for await (const chunk of chunks) {
    let rest = chunk;
    if (withinLine) {
      const end = rest.indexOf('\n') + 1;
      if (end > 0) {
        yield { text: release(rest.slice(0, end)), whole: false, upTo: Number.POSITIVE_INFINITY };
        withinLine = false;
        rest = rest.slice(end);
      }
    }
    const end = withinLine ? 0 : rest.lastIndexOf('\n') + 1;
    if (end > 0) yield { text: release(rest.slice(0, end)), whole: true, upTo: Number.POSITIVE_INFINITY };
    hold(rest.slice(end));
    if (length > LONGEST_LINE) {
      const text = release('');
      const upTo = text.length - OVERLAP;
      yield { text, whole: false, upTo };
      hold(text.slice(upTo));
      withinLine = true;
    }
  }
  if (length > 0) yield { text: release(''), whole: !withinLine, upTo: Number.POSITIVE_INFINITY };
}
