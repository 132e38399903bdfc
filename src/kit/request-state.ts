/** The codec for `requestState` alone, for servers that use nothing else of the kit. */
export type { CodecKeys } from './sealed/codec-keys.ts';
export { createRequestStateCodec, type RequestStateCodec, type RequestStateCodecOptions } from './sealed/request-state-codec.ts';
