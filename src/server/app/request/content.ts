/** Checks the headers that describe a request body. The server reads only uncompressed JSON in UTF-8. */

import { type Refusal, UNREADABLE_CHARSET, UNREADABLE_ENCODING, WRONG_CONTENT_TYPE } from '../refusals.ts';
import { singleOf } from './headers.ts';

/** Returns a header of the request. */
export type HeaderOf = (name: string) => string | null | undefined;

/** The content codings that leave a body unchanged. Some clients write the charset here. */
const PLAIN = ['', 'identity', 'none', 'utf-8', 'utf8'];

/** The names of JSON. A web page needs a preflight request for each of them. */
const JSON_TYPES = ['application/json', 'application/json-rpc', 'text/json'];

/** Charsets that can be read as UTF-8. ASCII is a subset of UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** Returns a refusal if the server cannot read the body. Otherwise returns undefined. */
export function contentRefusal(headerOf: HeaderOf): Refusal | undefined {
  const codings = [headerOf('content-encoding') ?? '', (headerOf('transfer-encoding') ?? '').replace(/\bchunked\s*$/i, '')];
  if (!codings.every((list) => list.split(',').every((coding) => PLAIN.includes(coding.trim().toLowerCase())))) return UNREADABLE_ENCODING;
  const [type = '', ...parameters] = singleOf(headerOf('content-type') ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  if (!JSON_TYPES.includes(type)) return WRONG_CONTENT_TYPE;
  const charsets = parameters.flatMap((parameter) => {
    const [name = '', value] = parameter.split('=').map((part) => part.trim());
    return name === 'charset' && value !== undefined ? [value.replace(/^["']|["']$/g, '')] : [];
  });
  return charsets.every((charset) => CHARSETS.includes(charset)) ? undefined : UNREADABLE_CHARSET;
}
