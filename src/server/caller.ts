import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Caller } from '../kit/index.ts';

/** What a verified access token tells of its caller, in the place where the SDK passes such things on. */
export interface CallerClaims extends Record<string, unknown> {
  /** `iss` */
  readonly issuer: string;
  /** `sub` */
  readonly subject: string;
}

/**
 * Who calls: whoever authorization let through, or nobody in particular where there is no authorization.
 *
 * @throws {TypeError} where a caller was let through without a name: then nobody may be served
 */
export function callerOf(authInfo: AuthInfo | undefined): Caller {
  if (authInfo === undefined) return {};
  const { issuer, subject } = (authInfo.extra ?? {}) as Partial<CallerClaims>;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || subject === '')
    throw new TypeError('authorization let a nameless caller through');
  return { principal: { issuer, subject } };
}
