/** The entry point `waxseal/request-state`. It contains only the codec for `requestState`, for servers that use nothing else of the kit. */
export type { CodecKeys } from './sealed/codec-keys.ts';
export { createRequestStateCodec, type RequestStateCodec, type RequestStateCodecOptions } from './sealed/request-state-codec.ts';
