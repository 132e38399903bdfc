/** Reads a text within a text of a log: JSON or another log in a string, or text in base64. */
import { findBase64 } from '../../scan/index.ts';
import type { HandleFinder } from './handles.ts';
import type { Mention } from './mention.ts';
import { decoded } from './pieces/base64.ts';
import { collecting, type Surroundings, type TextOptions, type TextReader } from './reader.ts';

/** How many texts may be nested, such as JSON in a string of JSON. In a deeper text, the reader finds handles only. */
export const MOST_TEXTS = 8;

/** Where the inner text stands in the outer text. */
export type Where = Pick<Mention, 'line' | 'place' | 'member'>;

export interface InnerReader {
  /** Returns the mentions in a text. The text may be one handle, or a log of its own. */
  mentionsIn(content: string, where: Where): Mention[];
  /** Returns the mentions in base64. Compressed data becomes one mention, which the audit unpacks later. */
  mentionsOf(digits: string, where: Where): Mention[];
}

/**
 * @param outer the depth of the outer text, and what finds its handles
 * @param createTextReader makes a reader of the inner text
 */
export function createInnerReader(
  options: TextOptions,
  { depth, finder }: { readonly depth: number; readonly finder: HandleFinder },
  createTextReader: (options: TextOptions, outside: Surroundings) => TextReader,
): InnerReader {
  const { unread } = options;

  function mentionsIn(content: string, where: Where): Mention[] {
    const whole = finder.find(content, 1).handles[0];
    if (whole?.length === content.length) return [{ found: whole, isWhole: true, ...where }];
    if (depth < MOST_TEXTS) {
      const collected = collecting(options);
      const reader = createTextReader(collected.options, { depth: depth + 1, line: where.line, place: where.place, finder });
      reader.read(content, true);
      reader.end();
      return collected.mentions.map((mention) => ({ ...mention, member: where.member, isWhole: false }));
    }
    const { handles, incomplete } = finder.find(content, content.length);
    unread.incomplete += incomplete;
    if (findBase64(content, 0) !== undefined) unread.packed += 1;
    return handles.map((found) => ({ found, isWhole: false, ...where }));
  }

  return {
    mentionsIn,
    mentionsOf(digits, where) {
      const content = decoded(digits, unread);
      if (content === undefined) return [];
      if ('bytes' in content) return [{ found: content, isWhole: false, ...where }];
      const isMended = ({ found }: Mention) => 'handle' in found && content.mended.has(found.handle);
      return mentionsIn(content.text, where).map((mention) => (isMended(mention) ? { ...mention, isMended: true } : mention));
    },
  };
}
