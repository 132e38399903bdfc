/** Reads the texts of flags and environment variables. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { canonicalAddress } from '../app/address.ts';
import { canonicalName, canonicalOrigin, isAny, type Names } from '../app/names.ts';

/** Reads a whole number from `from` to `to`. */
export const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);

/** Reads a list whose elements are separated by commas, spaces or line breaks. Files of settings often end in a comma. */
export const listed = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((element) => element !== ''))
  .refine((elements) => elements.length > 0, 'must have at least one element');

const NOT_NAMES = 'must be hostnames without scheme or port, separated by commas; *.example.com stands for every name below example.com';

/** Reads hostnames, and spells them as URLs do. The word `any` means every name. */
export const hostnames = listed
  .refine((names) => names.every((name) => canonicalName(name) !== undefined), NOT_NAMES)
  .transform((names): Names => (names.some(isAny) ? 'any' : names.flatMap((name) => canonicalName(name) ?? [])));

/** Reads the hostnames of web pages, and spells them as URLs do. */
export const origins = listed
  .refine((names) => !names.some((name) => name.toLowerCase() === 'null'), 'must not be null, which any web page can send as its Origin')
  .refine((names) => !names.some(isAny), 'must not be any: name each host whose web pages may call')
  .refine((names) => names.every((name) => canonicalOrigin(name) !== undefined), NOT_NAMES)
  .transform((names): readonly string[] => names.flatMap((name) => canonicalOrigin(name) ?? []));

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
function isAddressRange(text: string): boolean {
  const [address = '', bits, ...surplus] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return surplus.length === 0 && most > 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= most));
}

/**
 * Reads one of several words, in upper or lower case.
 *
 * @param others other words for some of the words
 */
export const wordOf = <const Words extends readonly string[]>(words: Words, others: Readonly<Record<string, Words[number]>> = {}) =>
  z
    .string()
    .toLowerCase()
    .transform((word) => (Object.hasOwn(others, word) ? others[word] : word))
    .pipe(z.enum(words, `must be one of ${words.join(', ')}`));

const [YES, NO] = [
  ['true', '1', 'yes', 'on'],
  ['false', '0', 'no', 'off'],
];

/** Reads a word such as `true` or `NO`. Returns undefined for any other text. */
export function switchIn(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return YES.includes(word) || (NO.includes(word) ? false : undefined);
}

/** Reads a switch. */
export const yesOrNo = z.string().transform(switchIn).pipe(z.boolean('must be true or false'));

/** Reads an IP address or a hostname to listen on. */
export const listenAddress = z
  .string()
  .refine(
    (text) => !/^(?:[^:]*|\[.*\]):[0-9]+$/.test(text),
    'must be an IP address or a hostname without a port, which belongs in WAXSEAL_PORT (--port)',
  )
  .transform(addressIn)
  .pipe(z.string('must be an IP address or a hostname'));

/** Returns undefined if the text is neither an IP address nor a hostname. */
function addressIn(text: string): string | undefined {
  const hostname = text.startsWith('*') ? undefined : canonicalName(text);
  return hostname && canonicalAddress(hostname.replace(/[[\]]/g, ''));
}

/** Reads the addresses of proxies, or `false`. An IPv6 address may be in brackets. */
export const addressRanges = listed
  .transform((ranges) => ranges.map((range) => range.replace(/^\[(.*)\]/, '$1')))
  .transform((ranges) => (ranges.length === 1 && switchIn(ranges.join()) === false ? undefined : ranges))
  .refine((ranges) => ranges?.every(isAddressRange) ?? true, 'must be IP addresses or ranges, separated by commas');

/** The default address of the metrics. OpenTelemetry's exporter for Prometheus has the same port. */
const METRICS = { host: '127.0.0.1', port: 9464 };

/**
 * Reads the address of the metrics: `0.0.0.0:9464`, `[::1]:9464`, `9464`, or a switch such as `true`. A lone `1` or `0`
 * is a switch and not a port.
 *
 * @returns the address; null if the metrics are off; undefined for a wrong text
 */
export function metricsAddress(text: string): { readonly host: string; readonly port: number } | null | undefined {
  const isOn = switchIn(text);
  if (isOn !== undefined) return isOn ? METRICS : null;
  const [, bracketed, name, port = ''] = /^(?:(\[[0-9a-fA-F:.]+\]):|([A-Za-z0-9.-]+):)?([0-9]{1,5})$/.exec(text) ?? [];
  const host = addressIn(bracketed ?? name ?? METRICS.host);
  if (port === '' || Number(port) > 65_535 || host === undefined) return undefined;
  return { host, port: Number(port) };
}
