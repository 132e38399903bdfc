/** Reads request bodies. A body is JSON in UTF-8. */
import {
  BODY_LIMIT,
  BODY_TAKEN,
  EMPTY_BODY,
  NOT_JSON,
  NOT_UTF8,
  type Refusal,
  refusalOf,
  UNREADABLE_CHARSET,
  UNREADABLE_ENCODING,
  UNSAFE_MEMBER,
} from '../refusals.ts';

/** A parsed body, or the refusal of a body that the server cannot read. */
export type ReadBody = { readonly parsedBody: unknown } | Refusal;

/** Reads the body of a request, and never rejects. */
export async function readBody(request: Request): Promise<ReadBody> {
  if (request.bodyUsed) return BODY_TAKEN;
  try {
    const bytes = await bytesOf(request);
    return bytes === undefined ? refusalOf(413) : bodyIn(bytes);
  } catch {
    return refusalOf(400);
  }
}

/** Returns undefined if the body is too large. */
async function bytesOf({ headers, body }: Request): Promise<Uint8Array | undefined> {
  if (Number(headers.get('content-length')) > BODY_LIMIT) return undefined;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = body?.getReader();
  let received = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    received += part.value.byteLength;
    if (received > BODY_LIMIT) {
      await reader?.cancel().catch(() => {});
      return undefined;
    }
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * Parses the bytes of a body. A lenient decoder would replace wrong bytes, and the server would seal the changed text.
 */
export function bodyIn(bytes: Uint8Array): ReadBody {
  // These bytes begin a body in gzip.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return UNREADABLE_ENCODING;
  if (isUtf16(bytes)) return UNREADABLE_CHARSET;
  const text = decoded(bytes);
  if (text === undefined) return NOT_UTF8;
  if (text.trim() === '') return EMPTY_BODY;
  try {
    const parsedBody: unknown = JSON.parse(text);
    return SUSPECT.test(text) && hasUnsafeMember(parsedBody) ? UNSAFE_MEMBER : { parsedBody };
  } catch {
    return NOT_JSON;
  }
}

/** In UTF-16, a body begins with a byte order mark, or one of the two bytes of its first character is zero. */
function isUtf16([first, second]: Uint8Array): boolean {
  return first === 0 || second === 0 || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Matches every text that could have an unsafe member. Most bodies do not match, and need no further search. */
const SUSPECT = /__proto__|constructor|\\u/;

/** Tells whether code that copies members could set a prototype with this value (prototype pollution). */
function hasUnsafeMember(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  const constructed: unknown = Object.hasOwn(value, 'constructor') ? value.constructor : undefined;
  if (typeof constructed === 'object' && constructed !== null && Object.hasOwn(constructed, 'prototype')) return true;
  return Object.values(value).some(hasUnsafeMember);
}
