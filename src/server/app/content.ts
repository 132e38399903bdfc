/** What a request's body may be: JSON, in UTF-8, as it is. */
import { type Refusal, UNREADABLE_CHARSET, UNREADABLE_ENCODING, WRONG_CONTENT_TYPE } from './refusals.ts';

/** How a header of a request is asked for; null or undefined where it was not sent. */
export type HeaderOf = (name: string) => string | null | undefined;

/** Codings that change nothing. */
const PLAIN = ['', 'identity'];

/** UTF-8, by the names that people give it, and what is a part of it. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** Why a body is not read, by what its headers say of it. */
export function contentRefusal(headerOf: HeaderOf): Refusal | undefined {
  const codings = [headerOf('content-encoding') ?? '', (headerOf('transfer-encoding') ?? '').replace(/\bchunked\s*$/i, '')];
  if (!codings.every((list) => list.split(',').every((coding) => PLAIN.includes(coding.trim().toLowerCase())))) return UNREADABLE_ENCODING;
  const [type = '', ...parameters] = (headerOf('content-type') ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') return WRONG_CONTENT_TYPE;
  const charsets = parameters.flatMap((parameter) => /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1] ?? []);
  return charsets.every((charset) => CHARSETS.includes(charset)) ? undefined : UNREADABLE_CHARSET;
}
