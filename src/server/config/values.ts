/** Reads the texts of flags and environment variables. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { canonicalNames, isName } from '../app/names.ts';

/** Reads a whole number from `from` to `to`. */
export const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);

/** Reads a list whose elements are separated by commas, and converts the elements to lower case. */
export const listed = z.string().transform((text) => text.split(',').map((name) => name.trim().toLowerCase()));

export const NOT_NAMES =
  'must be hostnames without scheme or port, separated by commas; *.example.com stands for every name below example.com';

/** Reads hostnames separated by commas, and spells them as URLs do. */
export const hostnames = listed.refine((names) => names.every(isName), NOT_NAMES).transform(canonicalNames);

/** Reads a list of names: a JSON array, or names separated by commas. A comma at the end is ignored. */
export function namesIn(text: string): readonly unknown[] {
  try {
    const array: unknown = JSON.parse(text);
    if (Array.isArray(array)) return array;
  } catch {
    // The text is not JSON.
  }
  return text
    .replace(/,\s*$/, '')
    .split(',')
    .map((name) => name.trim());
}

/** Tells whether a text is an IP address, or a range in CIDR notation (RFC 4632 §3.1). */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...surplus] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return surplus.length === 0 && most > 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= most));
}

/** Reads one of several words, in upper or lower case. */
export const wordOf = <const Words extends readonly string[]>(words: Words) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, `must be one of ${words.join(', ')}`));

const [YES, NO] = [
  ['true', '1', 'yes', 'on'],
  ['false', '0', 'no', 'off'],
] as const;

/** Reads a switch, such as `true` or `NO`. */
export const yesOrNo = z
  .string()
  .toLowerCase()
  .pipe(z.enum([...YES, ...NO], 'must be true or false'))
  .transform((text) => YES.some((yes) => yes === text));

/** The default address of the metrics. OpenTelemetry's exporter for Prometheus has the same port. */
const METRICS = { host: '127.0.0.1', port: 9464 };

/**
 * Reads the address of the metrics: `0.0.0.0:9464`, `[::1]:9464`, `9464`, `true` or `false`.
 *
 * @returns the address; null for `false`; undefined for any other text
 */
export function metricsAddress(text: string): { readonly host: string; readonly port: number } | null | undefined {
  if (text === 'false') return null;
  if (text === 'true') return METRICS;
  const [, bracketed, host = METRICS.host, port = ''] = /^(?:\[([0-9a-fA-F:.]+)\]:|([A-Za-z0-9.-]+):)?([0-9]{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) return undefined;
  return { host: bracketed ?? host, port: Number(port) };
}
