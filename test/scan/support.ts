/** Makes handles, and redacts texts. */
import { randomBytes } from 'node:crypto';
import { seal } from '../../src/handle/index.ts';
import { createRedactor, type RedactionCount } from '../../src/scan/index.ts';
import { claimsWith, newKeys } from '../handle/support.ts';

/** Seals a handle whose state is random. @param bytes the number of random bytes, which the state has in hexadecimal */
export async function newHandle(bytes: number): Promise<string> {
  return seal(claimsWith({ st: randomBytes(bytes).toString('hex') }), (await newKeys()).key);
}

/** Redacts a text. @param chunk the number of characters in each chunk @returns the redacted text, and the counts */
export async function redacted(text: string, chunk = text.length): Promise<RedactionCount & { out: string }> {
  const redactor = createRedactor();
  let out = '';
  for (let at = 0; at < text.length; at += chunk) out += await redactor.push(text.slice(at, at + chunk));
  out += await redactor.end();
  return { out, ...redactor.count };
}
