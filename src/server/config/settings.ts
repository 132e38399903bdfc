/** Every setting of a server: its names, its values, and its descriptions for `--help` and for errors. */
import * as z from 'zod';
import { unwrappedRing } from '../../keys/index.ts';
import { isIdentifierUrl } from '../app/loopback.ts';
import { canonicalNames, isName } from '../app/names.ts';
import { hostnames, isAddressRange, isAudience, listed, metricsAddress, NOT_NAMES, wholeNumber, wordOf, yesOrNo } from './values.ts';

/** The levels of the log, from the most severe lines only to every line, and `silent` for no line at all. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The texts that describe a setting. */
interface Description {
  /** The flag in commander's notation, with its placeholder. Absent: the setting has only an environment variable. */
  readonly flag?: string;
  /** The environment variables. The first one that is set counts. */
  readonly env: readonly string[];
  readonly description: string;
  readonly example: string;
}

/** A scope (RFC 6749 §3.3), but without commas: the RFC allows a comma in a scope, and a setting separates scopes with commas. */
const SCOPE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;

const descriptions = z.registry<Description>();

/** The schema of all settings. It reads texts, and returns values. Every setting may be left out. */
export const Settings = z.object({
  host: z
    .string()
    .regex(/^(?:[A-Za-z0-9.:-]+|\[[0-9A-Fa-f.:]+\])$/, 'must be an IP address or a hostname')
    .transform((text) => text.replace(/[[\]]/g, ''))
    .prefault('127.0.0.1')
    .register(descriptions, {
      flag: '--host <address>',
      env: ['WAXSEAL_HOST'],
      description: 'address to listen on',
      example: '0.0.0.0',
    }),
  port: wholeNumber(0, 65_535)
    .prefault('3000')
    .register(descriptions, {
      flag: '--port <number>',
      env: ['WAXSEAL_PORT', 'PORT'],
      description: 'port to listen on; 0 chooses a free port',
      example: '8080',
    }),
  workers: z
    .string()
    .regex(/^(?:auto|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-6])$/, 'must be a whole number from 1 to 256, or auto')
    .transform((text) => (text === 'auto' ? text : Number(text)))
    .prefault('1')
    .register(descriptions, {
      flag: '--workers <number>',
      env: ['WAXSEAL_WORKERS'],
      description: 'processes that serve on the one port; auto for one process for each core',
      example: 'auto',
    }),
  keysFile: z
    .string()
    .min(1, 'must be the path of a key ring')
    .optional()
    .register(descriptions, {
      flag: '--keys <file>',
      env: ['WAXSEAL_KEYS_FILE'],
      description: 'key ring, a JWK Set in a file (default: a development ring, made in keys/ on first start)',
      example: '/run/secrets/ring.jwks',
    }),
  keys: z
    .string()
    .min(1, 'must be a key ring')
    .transform(unwrappedRing)
    .optional()
    .register(descriptions, {
      env: ['WAXSEAL_KEYS'],
      description: 'key ring, the text of a JWK Set; it may be in quotes or in base64',
      example: '{"keys":[...]}',
    }),
  allowAnonymous: yesOrNo.prefault('false').register(descriptions, {
    flag: '--allow-anonymous',
    env: ['WAXSEAL_ALLOW_ANONYMOUS'],
    description: 'serve callers without authorization beyond this machine or behind a proxy; a handle then opens for anyone who holds it',
    example: 'true',
  }),
  allowedHosts: hostnames.optional().register(descriptions, {
    flag: '--allowed-hosts <names>',
    env: ['WAXSEAL_ALLOWED_HOSTS'],
    description:
      "hostnames that the header Host may have, separated by commas; *.example.com for every name below example.com (default: this machine's own if the server listens on loopback, else every name)",
    example: 'mcp.example.com',
  }),
  allowedOrigins: listed
    .refine((names) => !names.includes('null'), 'must not be null, which any web page can send as its Origin')
    .pipe(z.array(z.string()).refine((names) => names.every(isName), NOT_NAMES))
    .transform(canonicalNames)
    .optional()
    .register(descriptions, {
      flag: '--allowed-origins <names>',
      env: ['WAXSEAL_ALLOWED_ORIGINS'],
      description:
        "hostnames that the header Origin may have, separated by commas (default: those of --allowed-hosts, else this machine's own)",
      example: 'app.example.com',
    }),
  authIssuer: z
    .string()
    .refine(isIdentifierUrl, 'must be an https URL without query or fragment (http only on this machine)')
    .optional()
    .register(descriptions, {
      flag: '--auth-issuer <url>',
      env: ['WAXSEAL_AUTH_ISSUER'],
      description: 'require access tokens that this authorization server issued for the audience below (default: callers are anonymous)',
      example: 'https://login.example.com/',
    }),
  authAudience: z
    .string()
    .transform((text) => text.split(',').map((audience) => audience.trim()))
    .refine((audiences) => audiences.every(isAudience), 'must be URIs or names without spaces, separated by commas')
    .optional()
    .register(descriptions, {
      flag: '--auth-audience <uri>',
      env: ['WAXSEAL_AUTH_AUDIENCE'],
      description:
        "audience that access tokens must have: this server's own URI, or the name that the authorization server has for it (a GUID, api://…). Of several, separated by commas, a token needs one",
      example: 'https://mcp.example.com/mcp',
    }),
  authResource: z
    .string()
    .refine(isIdentifierUrl, 'must be an https URL without query or fragment (http only on this machine)')
    .optional()
    .register(descriptions, {
      flag: '--auth-resource <url>',
      env: ['WAXSEAL_AUTH_RESOURCE'],
      description: "this server's own URI, which its metadata give to clients (default: the first audience that is an https URL)",
      example: 'https://mcp.example.com/mcp',
    }),
  authAcceptClientId: yesOrNo.optional().register(descriptions, {
    flag: '--auth-accept-client-id',
    env: ['WAXSEAL_AUTH_ACCEPT_CLIENT_ID'],
    description: 'accept an access token without an audience if its client_id is one of the audiences (default: such tokens are refused)',
    example: 'true',
  }),
  authScopes: z
    .string()
    .transform((text) => text.trim().split(/\s*,\s*|\s+/))
    .refine((scopes) => scopes.every((scope) => SCOPE.test(scope)), 'must be scopes separated by commas')
    .optional()
    .register(descriptions, {
      flag: '--auth-scopes <names>',
      env: ['WAXSEAL_AUTH_SCOPES'],
      description: 'scopes that every access token must have, separated by commas (default: none)',
      example: 'research',
    }),
  rateLimit: wholeNumber(0, 100_000_000)
    .prefault('60000')
    .register(descriptions, {
      flag: '--rate-limit <number>',
      env: ['WAXSEAL_RATE_LIMIT'],
      description:
        'requests a minute for each caller, or for each address if there is no authorization; 0 for no limit. Each message of a batch counts; each process counts for itself, and so does each worker',
      example: '6000',
    }),
  maxConnections: wholeNumber(1, 1_000_000)
    .prefault('10000')
    .register(descriptions, {
      flag: '--max-connections <number>',
      env: ['WAXSEAL_MAX_CONNECTIONS'],
      description: 'most connections at one time, shared out among workers; the server refuses further ones',
      example: '1000',
    }),
  trustProxy: z
    .string()
    .transform((text) => text.split(',').map((range) => range.trim()))
    .refine((ranges) => ranges.every(isAddressRange), 'must be IP addresses or ranges, separated by commas')
    .optional()
    .register(descriptions, {
      flag: '--trust-proxy <addresses>',
      env: ['WAXSEAL_TRUST_PROXY'],
      description: 'proxies whose X-Forwarded-For names the address of the caller, separated by commas (default: none)',
      example: '10.0.0.0/8',
    }),
  metrics: z
    .string()
    .transform((text) => metricsAddress(text))
    .refine((address) => address !== undefined, 'must be an address and a port, or a port of this machine alone, or true')
    .transform((address) => address || undefined)
    .optional()
    .register(descriptions, {
      flag: '--metrics [address:port]',
      env: ['WAXSEAL_METRICS'],
      description:
        'serve metrics for Prometheus at /metrics, on an address of their own; without an address, on 127.0.0.1:9464 (default: no metrics)',
      example: '0.0.0.0:9464',
    }),
  inspect: yesOrNo.optional().register(descriptions, {
    flag: '--inspect',
    env: ['WAXSEAL_INSPECT'],
    description: 'serve the inspector page at /inspect (default: it is not served)',
    example: 'true',
  }),
  audience: z
    .string()
    .min(1, 'must be 1 to 256 characters')
    .max(256, 'must be 1 to 256 characters')
    .optional()
    .register(descriptions, {
      flag: '--audience <name>',
      env: ['WAXSEAL_AUDIENCE'],
      description:
        'name of this deployment, which its handles carry; only handles of this deployment open (default: no name, and only handles without one open)',
      example: 'production',
    }),
  notBefore: z.iso
    .datetime({ offset: true, error: 'must be a time in ISO 8601 with its zone' })
    .transform((time) => Math.ceil(Date.parse(time) / 1000))
    .optional()
    .register(descriptions, {
      flag: '--not-before <time>',
      env: ['WAXSEAL_NOT_BEFORE'],
      description: 'refuse every handle that was issued before this time (default: handles open until they expire)',
      example: '2026-07-28T12:00:00Z',
    }),
  maxLength: wholeNumber(4_096, 65_536)
    .prefault('8192')
    .register(descriptions, {
      flag: '--max-handle-length <characters>',
      env: ['WAXSEAL_MAX_HANDLE_LENGTH'],
      description: 'longest handle that the server issues or reads, in characters',
      example: '16384',
    }),
  handleIn: wordOf(['both', 'text', 'structured'])
    .prefault('both')
    .register(descriptions, {
      flag: '--handle-in <view>',
      env: ['WAXSEAL_HANDLE_IN'],
      description:
        'where an answer contains the handle: in its text, in its structured content, or in both. Choose one if you know that your hosts show a model only that',
      example: 'text',
    }),
  tools: wordOf(['all', 'search', 'auto'])
    .prefault('auto')
    .register(descriptions, {
      flag: '--tools <mode>',
      env: ['WAXSEAL_TOOLS'],
      description:
        'tools that the list shows: every tool (all); three tools that find and call the others (search); or search if the list would be long (auto)',
      example: 'search',
    }),
  logLevel: wordOf(LOG_LEVELS)
    .prefault('info')
    .register(descriptions, {
      flag: '--log-level <level>',
      env: ['WAXSEAL_LOG_LEVEL'],
      description: 'least severe level that is logged',
      example: 'debug',
    }),
});

/** The configuration of a server, checked. */
export type Config = Readonly<z.output<typeof Settings>>;

/** The settings of a server on standard input and output, which has no socket. */
export const StdioSettings = Settings.pick({
  keysFile: true,
  keys: true,
  audience: true,
  notBefore: true,
  maxLength: true,
  handleIn: true,
  tools: true,
  logLevel: true,
});

/** The configuration of a server on standard input and output, checked. */
export type StdioConfig = Readonly<z.output<typeof StdioSettings>>;

/** The settings that name a key ring. */
export const RingSettings = Settings.pick({ keysFile: true, keys: true });

/** One setting, with its schema and its description. */
export interface Setting extends Description {
  /** The name of the setting in {@link Config}. */
  readonly key: string;
  readonly schema: z.ZodType;
  /** The default, as somebody would write it. Absent: the setting has no default. */
  readonly default?: string;
}

/** The settings of a schema, in the order of `--help`. @throws {TypeError} if a setting has no description */
export function settingsOf({ shape }: z.ZodObject): readonly Setting[] {
  return Object.entries(shape).map(([key, schema]) => {
    const description = schema instanceof z.ZodType ? descriptions.get(schema) : undefined;
    if (description === undefined) throw new TypeError(`the setting ${key} has no description`);
    const text = schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : undefined;
    return { key, schema, ...description, ...(text !== undefined && { default: text }) };
  });
}

/** All settings, one by one. */
export const SETTINGS = settingsOf(Settings);
