/** For whoever only asks questions on the SDK, and wants nothing else of the kit: `waxseal/request-state`, small. */
export type { CodecKeys } from './sealed/codec-keys.ts';
export { createRequestStateCodec, type RequestStateCodec, type RequestStateCodecOptions } from './sealed/request-state-codec.ts';
