/** Where cryptography and zlib of this process work: on the calling thread, as `waxseal serve` has it, or on Node's pool. */
import { workOnThisThread } from '../../dist/server/index.js';

const names = ['encrypt', 'decrypt', 'sign', 'verify', 'digest'];
const asTheyAre = () => ({
  subtle: Object.fromEntries(names.map((name) => [name, crypto.subtle[name]])),
  streams: { CompressionStream: globalThis.CompressionStream, DecompressionStream: globalThis.DecompressionStream },
  base64: [Uint8Array.fromBase64, Uint8Array.prototype.toBase64],
});
const pool = asTheyAre();
workOnThisThread();
const here = asTheyAre();

/** From now on, until it is called again. A bench may change back and forth; a program has no reason to. */
export function work(onThisThread) {
  const { subtle, streams, base64 } = onThisThread ? here : pool;
  Object.assign(crypto.subtle, subtle);
  Object.assign(globalThis, streams);
  [Uint8Array.fromBase64, Uint8Array.prototype.toBase64] = base64;
}
