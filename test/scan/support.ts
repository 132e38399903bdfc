/** Makes handles, and redacts texts. */
import { createHash } from 'node:crypto';
import { createRedactor, type RedactionCount } from '../../src/scan/index.ts';

let made = 0;

/**
 * Makes a text with the form of a handle. This suffices, because the redactor has no key.
 *
 * The bytes look random, but are the same in every run. A piece of a random handle sometimes looks like a word, and a
 * test would then fail by chance.
 *
 * @param state the length of the state, in bytes
 */
export function newHandle(state: number): string {
  made += 1;
  const bytes = (name: string, count: number) =>
    Buffer.concat(
      Array.from({ length: Math.ceil(count / 32) }, (_, block) => createHash('sha256').update(`${made} ${name} ${block}`).digest()),
    )
      .subarray(0, count)
      .toString('base64url');
  const header = Buffer.from(`{"alg":"dir","enc":"A256GCM","kid":"${bytes('kid', 6)}","typ":"handle"}`).toString('base64url');
  return [header, '', bytes('iv', 12), bytes('ciphertext', 200 + state), bytes('tag', 16)].join('.');
}

/** Redacts a text in chunks of `chunk` characters. */
export async function redacted(text: string, chunk = text.length): Promise<RedactionCount & { out: string }> {
  const redactor = createRedactor();
  let out = '';
  for (let at = 0; at < text.length; at += chunk) out += await redactor.push(text.slice(at, at + chunk));
  out += await redactor.end();
  return { out, ...redactor.count };
}
