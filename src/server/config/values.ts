/** What settings take: texts, as flags and variables have them, and what they mean. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { canonicalNames, isName } from '../app/names.ts';

export const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);

export const listed = z.string().transform((text) => text.split(',').map((name) => name.trim().toLowerCase()));

export const NOT_NAMES = 'must be hostnames without scheme or port, or *.example.com for all below one, separated by commas';

export const hostnames = listed.refine((names) => names.every(isName), NOT_NAMES).transform(canonicalNames);

/** A StringOrURI (RFC 7519 §2): what has a colon must be a URI. */
export function isAudience(text: string): boolean {
  return /^[^\s\p{C}]{1,512}$/u.test(text) && (!text.includes(':') || URL.canParse(text));
}

export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...surplus] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return surplus.length === 0 && most > 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= most));
}

export const yesOrNo = z.enum(['true', 'false', '1', '0'], 'must be true or false').transform((text) => text === 'true' || text === '1');
