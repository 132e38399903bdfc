/** Defines every setting: its names, its values, and its texts for `--help` and for errors. */
import * as z from 'zod';
import { unwrappedRing } from '../../keys/index.ts';
import { isAudience } from '../app/authorization/audiences.ts';
import { isMetadataUrl, NOT_IDENTIFIER, NOT_METADATA } from '../app/authorization/options.ts';
import { isIdentifierUrl } from '../app/loopback.ts';
import { addressRanges, hostnames, listenAddress, metricsAddress, namesIn, origins, wholeNumber, wordOf, yesOrNo } from './values.ts';

/** The levels of the log, from the fewest lines to the most. `silent` means no lines. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** A level of the log, from {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Description {
  /** The flag with its placeholder, as commander writes it. Absent: the setting has no flag. */
  readonly flag?: string;
  /** The environment variables. The first that is set counts. */
  readonly env: readonly string[];
  readonly description: string;
  readonly example: string;
}

/** Matches a scope (RFC 6749 §3.3). The RFC allows commas, but here commas separate scopes. */
const SCOPE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;

const NOT_AUDIENCES = 'must be URIs or names without spaces, separated by commas';

const descriptions = z.registry<Description>();

/** The schema of all settings. It turns the text of each setting into its value. Every setting may be left out. */
export const Settings = z.object({
  host: listenAddress.prefault('127.0.0.1').register(descriptions, {
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
    .toLowerCase()
    .regex(/^(?:auto|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-6])$/, 'must be a whole number from 1 to 256, or auto')
    .transform((text) => (text === 'auto' ? text : Number(text)))
    .prefault('1')
    .register(descriptions, {
      flag: '--workers <number>',
      env: ['WAXSEAL_WORKERS'],
      description: 'number of processes that serve on the port; auto starts one process for each core',
      example: 'auto',
    }),
  keysFile: z
    .string()
    .min(1, 'must be the path of a key ring')
    .optional()
    .register(descriptions, {
      flag: '--keys <file>',
      env: ['WAXSEAL_KEYS_FILE'],
      description: 'file with the key ring, a JWK Set (default: a development ring, which the server makes in keys/ on its first start)',
      example: '/run/secrets/ring.jwks',
    }),
  keys: z
    .string()
    .min(1, 'must be a key ring')
    .transform(unwrappedRing)
    .optional()
    .register(descriptions, {
      env: ['WAXSEAL_KEYS'],
      description: 'text of the key ring, a JWK Set; the text may be in quotes, in base64, or in a JSON object as its member WAXSEAL_KEYS',
      example: '{"keys":[...]}',
    }),
  allowAnonymous: yesOrNo.prefault('false').register(descriptions, {
    flag: '--allow-anonymous',
    env: ['WAXSEAL_ALLOW_ANONYMOUS'],
    description:
      'serve callers without authorization even if other machines or a proxy can reach the server; a handle then opens for anyone who holds it',
    example: 'true',
  }),
  allowedHosts: hostnames.optional().register(descriptions, {
    flag: '--allowed-hosts <names>',
    env: ['WAXSEAL_ALLOWED_HOSTS'],
    description:
      "hostnames that the header Host may have, separated by commas; *.example.com means every name below example.com, and any means every name (default: this machine's own names if the server listens on loopback, otherwise every name)",
    example: 'mcp.example.com',
  }),
  allowedOrigins: origins.optional().register(descriptions, {
    flag: '--allowed-origins <names>',
    env: ['WAXSEAL_ALLOWED_ORIGINS'],
    description:
      "hostnames that the header Origin may have, separated by commas (default: the names in --allowed-hosts, otherwise this machine's own names)",
    example: 'app.example.com',
  }),
  authIssuer: z
    .string()
    .refine(isIdentifierUrl, NOT_IDENTIFIER)
    .refine((issuer) => !isMetadataUrl(issuer), NOT_METADATA)
    .optional()
    .register(descriptions, {
      flag: '--auth-issuer <url>',
      env: ['WAXSEAL_AUTH_ISSUER'],
      description: 'require access tokens that this authorization server issued for this server (default: callers are anonymous)',
      example: 'https://login.example.com/',
    }),
  authAudience: z
    .string()
    .transform(namesIn)
    .refine(
      (names): names is string[] => names.length > 0 && names.every((name) => typeof name === 'string' && isAudience(name)),
      NOT_AUDIENCES,
    )
    .optional()
    .register(descriptions, {
      flag: '--auth-audience <uri>',
      env: ['WAXSEAL_AUTH_AUDIENCE'],
      description:
        "audience that access tokens must have: this server's own URI, or the authorization server's name for this server (a GUID, api://…). If you give several, separated by commas, a token needs one of them",
      example: 'https://mcp.example.com/mcp',
    }),
  authResource: z
    .string()
    .refine(isIdentifierUrl, NOT_IDENTIFIER)
    .optional()
    .register(descriptions, {
      flag: '--auth-resource <url>',
      env: ['WAXSEAL_AUTH_RESOURCE'],
      description:
        "this server's own URI, which clients read in its metadata; it also counts as an audience (default: the first audience that is an https URL)",
      example: 'https://mcp.example.com/mcp',
    }),
  authAcceptClientId: yesOrNo.optional().register(descriptions, {
    flag: '--auth-accept-client-id',
    env: ['WAXSEAL_AUTH_ACCEPT_CLIENT_ID'],
    description:
      'accept an access token without an audience, or with an empty one, if its client_id is one of the audiences (default: such tokens are refused)',
    example: 'true',
  }),
  authScopes: z
    .string()
    .transform((text) =>
      text
        .trim()
        .replace(/\s*,$/, '')
        .split(/\s*,\s*|\s+/),
    )
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
        'most requests in a minute from each caller, or from each address if there is no authorization; 0 means no limit. Each message of a batch counts as a request. Each replica and each worker counts separately',
      example: '6000',
    }),
  maxConnections: wholeNumber(1, 1_000_000)
    .prefault('10000')
    .register(descriptions, {
      flag: '--max-connections <number>',
      env: ['WAXSEAL_MAX_CONNECTIONS'],
      description: 'most connections at one time, divided among the workers; the server refuses further connections',
      example: '1000',
    }),
  trustProxy: addressRanges.optional().register(descriptions, {
    flag: '--trust-proxy <addresses>',
    env: ['WAXSEAL_TRUST_PROXY'],
    description: 'addresses of the proxies whose X-Forwarded-For the server believes, separated by commas (default: none)',
    example: '10.0.0.0/8',
  }),
  metrics: z
    .string()
    .transform((text) => metricsAddress(text))
    .refine((address) => address !== undefined, 'must be an address and a port, or a port alone (on 127.0.0.1), or true')
    .transform((address) => address || undefined)
    .optional()
    .register(descriptions, {
      flag: '--metrics [address:port]',
      env: ['WAXSEAL_METRICS'],
      description:
        'serve metrics for Prometheus at /metrics on this separate address; the flag without an address means 127.0.0.1:9464 (default: no metrics)',
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
        'name of this deployment; the server writes the name into its handles, and opens only handles with this name (default: no name; only handles without a name open)',
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
        'part of an answer that contains the handle: the text, the structured content, or both. Choose text or structured only if you know that your hosts show this part to the model',
      example: 'text',
    }),
  tools: wordOf(['all', 'search', 'auto'])
    .prefault('auto')
    .register(descriptions, {
      flag: '--tools <mode>',
      env: ['WAXSEAL_TOOLS'],
      description:
        'tools that tools/list returns: all means every tool; search means three tools that find and call the other tools; auto means search if the list of every tool would be long, otherwise all',
      example: 'search',
    }),
  logLevel: wordOf(LOG_LEVELS, { warning: 'warn', off: 'silent' })
    .prefault('info')
    .register(descriptions, {
      flag: '--log-level <level>',
      env: ['WAXSEAL_LOG_LEVEL'],
      description: 'log lines of this level and of more severe levels',
      example: 'debug',
    }),
});

/** The configuration of a server. Every value is valid. */
export type Config = Readonly<z.output<typeof Settings>>;

/** The settings of a server on standard input and output. */
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

/** The configuration of a server on standard input and output. Every value is valid. */
export type StdioConfig = Readonly<z.output<typeof StdioSettings>>;

/** The settings that name a key ring. */
export const RingSettings = Settings.pick({ keysFile: true, keys: true });

/** One setting, with its schema and its description. */
export interface Setting extends Description {
  /** The name of the setting in {@link Config}. */
  readonly key: string;
  readonly schema: z.ZodType;
  /** The default, as a user writes it. Absent: the setting has no default. */
  readonly default?: string;
}

/** Returns the settings in the order of `--help`. @throws {TypeError} a setting has no description */
export function settingsOf({ shape }: z.ZodObject): readonly Setting[] {
  return Object.entries(shape).map(([key, schema]) => {
    const description = schema instanceof z.ZodType ? descriptions.get(schema) : undefined;
    if (description === undefined) throw new TypeError(`the setting ${key} has no description`);
    const text = schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : undefined;
    return { key, schema, ...description, ...(text !== undefined && { default: text }) };
  });
}

/** All settings, in the order of `--help`. */
export const SETTINGS = settingsOf(Settings);
