/** `waxseal/request-state`: only the codec for `requestState`. It is small, for servers that use no other part of the kit. */
export type { CodecKeys } from './sealed/codec-keys.ts';
export { createRequestStateCodec, type RequestStateCodec, type RequestStateCodecOptions } from './sealed/request-state-codec.ts';
