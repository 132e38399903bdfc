import { describe, expect, test } from 'vitest';
import { readConfig, SETTINGS } from '../../../src/server/index.ts';
import { refusalOf } from './support.ts';

describe('the settings of a server', () => {
  test('are safe without any flag or variable', () => {
    expect(readConfig({}, {})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      allowAnonymous: false,
      rateLimit: 60_000,
      maxConnections: 10_000,
      workers: 1,
      maxLength: 8_192,
      handleIn: 'both',
      tools: 'auto',
      logLevel: 'info',
    });
  });

  test('come from environment variables, which override defaults', () => {
    const env = {
      WAXSEAL_HOST: '0.0.0.0',
      WAXSEAL_PORT: '8080',
      WAXSEAL_KEYS_FILE: '/run/secrets/ring.jwks',
      WAXSEAL_ALLOW_ANONYMOUS: 'true',
      WAXSEAL_ALLOWED_HOSTS: 'MCP.example.com, [::1]',
      WAXSEAL_ALLOWED_ORIGINS: 'app.example.com',
      WAXSEAL_AUDIENCE: 'production',
      WAXSEAL_MAX_HANDLE_LENGTH: '32768',
      WAXSEAL_HANDLE_IN: 'text',
      WAXSEAL_LOG_LEVEL: 'debug',
      WAXSEAL_TOOLS: 'search',
      WAXSEAL_RATE_LIMIT: '600',
      WAXSEAL_MAX_CONNECTIONS: '100',
      WAXSEAL_TRUST_PROXY: '10.0.0.0/8,::1',
      WAXSEAL_NOT_BEFORE: '2026-07-28T14:00:00.500+02:00',
    };
    expect(readConfig({}, env)).toEqual({
      rateLimit: 600,
      maxConnections: 100,
      workers: 1,
      trustProxy: ['10.0.0.0/8', '::1'],
      notBefore: 1_785_240_001,
      host: '0.0.0.0',
      port: 8080,
      keysFile: '/run/secrets/ring.jwks',
      allowAnonymous: true,
      allowedHosts: ['mcp.example.com', '[::1]'],
      allowedOrigins: ['app.example.com'],
      audience: 'production',
      maxLength: 32_768,
      handleIn: 'text',
      tools: 'search',
      logLevel: 'debug',
    });
  });

  test('come from flags, which override environment variables', () => {
    const flags = {
      host: '::1',
      port: '1',
      keysFile: 'a.jwks',
      allowAnonymous: true,
      audience: 'a',
      maxLength: '4096',
      handleIn: 'text',
      tools: 'all',
      logLevel: 'warn',
      rateLimit: '5',
      maxConnections: '7',
    };
    const env = {
      WAXSEAL_HOST: '0.0.0.0',
      WAXSEAL_PORT: '2',
      WAXSEAL_KEYS_FILE: 'b.jwks',
      WAXSEAL_ALLOW_ANONYMOUS: 'false',
      WAXSEAL_AUDIENCE: 'b',
      WAXSEAL_MAX_HANDLE_LENGTH: '8192',
      WAXSEAL_HANDLE_IN: 'structured',
      WAXSEAL_LOG_LEVEL: 'debug',
    };
    expect(readConfig(flags, env)).toEqual({ ...flags, port: 1, maxLength: 4096, rateLimit: 5, maxConnections: 7, workers: 1 });
  });

  test('come from a flag even if the variable is wrong', () => {
    expect(readConfig({ port: '1' }, { WAXSEAL_PORT: 'eighty' }).port).toBe(1);
  });

  test('include the PORT of hosting platforms, which WAXSEAL_PORT overrides', () => {
    expect(readConfig({}, { PORT: '8080' }).port).toBe(8080);
    expect(readConfig({}, { PORT: '8080', WAXSEAL_PORT: '9090' }).port).toBe(9090);
    expect(readConfig({ port: '1' }, { PORT: '8080' }).port).toBe(1);
  });

  test.each(['tcp://10.96.0.17:3000', 'udp://10.96.0.17:53'])('do not come from WAXSEAL_PORT=%s, a service link of Kubernetes', (link) => {
    expect(readConfig({}, { WAXSEAL_PORT: link, PORT: '8080' }).port).toBe(8080);
    expect(readConfig({}, { WAXSEAL_PORT: link }).port).toBe(3000);
  });

  test('understand *.NAME as every subdomain of NAME', () => {
    expect(readConfig({}, { WAXSEAL_ALLOWED_HOSTS: '*.Example.com,[0:0::1]' }).allowedHosts).toEqual(['*.example.com', '[::1]']);
  });

  test.each([
    ['any', 'any'],
    ['ANY', 'any'],
    ['localhost, any', 'any'],
    ['mcp.example.com,localhost,', ['mcp.example.com', 'localhost']],
    ['mcp.example.com\n  localhost\n', ['mcp.example.com', 'localhost']],
    ['mcp.example.com. müller.example ::1', ['mcp.example.com', 'xn--mller-kva.example', '[::1]']],
  ])('read the hostnames %j as %j', (text, names) => {
    expect(readConfig({}, { WAXSEAL_ALLOWED_HOSTS: text }).allowedHosts).toEqual(names);
  });

  test('read an origin as browsers send it, and a list of proxies with line breaks', () => {
    const env = { WAXSEAL_ALLOWED_ORIGINS: 'https://app.example.com,\nhttp://localhost', WAXSEAL_TRUST_PROXY: '10.0.0.0/8\n::1,' };
    expect(readConfig({}, env)).toMatchObject({ allowedOrigins: ['app.example.com', 'localhost'], trustProxy: ['10.0.0.0/8', '::1'] });
  });

  test('do not come from an empty variable', () => {
    const empty = Object.fromEntries(SETTINGS.flatMap(({ env }) => env).map((name) => [name, '']));
    expect(readConfig({}, empty)).toEqual(readConfig({}, {}));
    expect(readConfig({}, { WAXSEAL_PORT: '', PORT: '8080' }).port).toBe(8080);
    expect(readConfig({}, { WAXSEAL_KEYS: '{"keys":[]}', WAXSEAL_KEYS_FILE: '' }).keys).toBe('{"keys":[]}');
  });

  test.each([
    ['true', true],
    ['1', true],
    ['TRUE', true],
    ['yes', true],
    ['On', true],
    ['false', false],
    ['0', false],
    ['No', false],
    ['off', false],
  ])('include switches, whose value %s means %s', (text, meant) => {
    expect(readConfig({}, { WAXSEAL_ALLOW_ANONYMOUS: text }).allowAnonymous).toBe(meant);
  });

  test('accept words in upper or lower case, and an IPv6 address in brackets', () => {
    const env = { WAXSEAL_LOG_LEVEL: 'INFO', WAXSEAL_HANDLE_IN: 'Text', WAXSEAL_HOST: '[::1]', WAXSEAL_WORKERS: 'AUTO' };
    expect(readConfig({}, env)).toMatchObject({ logLevel: 'info', handleIn: 'text', host: '::1', workers: 'auto' });
  });

  test.each([
    ['WARNING', 'warn'],
    ['off', 'silent'],
  ])('accept the level %s of other programs’ logs', (text, logLevel) => {
    expect(readConfig({}, { WAXSEAL_LOG_LEVEL: text }).logLevel).toBe(logLevel);
  });

  test.each([
    ['LOCALHOST', 'localhost'],
    ['localhost.', 'localhost'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['0.0.0.0', '0.0.0.0'],
    ['Mcp.Internal', 'mcp.internal'],
  ])('spell the host %s as %s', (text, host) => {
    expect(readConfig({}, { WAXSEAL_HOST: text }).host).toBe(host);
  });

  test.each([
    ['[::1]', ['::1']],
    ['[fd00::]/8 10.0.0.1', ['fd00::/8', '10.0.0.1']],
    ['false', undefined],
    ['OFF', undefined],
  ])('read the trusted proxies %s as %j', (text, trustProxy) => {
    expect(readConfig({}, { WAXSEAL_TRUST_PROXY: text }).trustProxy).toEqual(trustProxy);
  });

  test.each(['0', '65535', '08080'])('accept the port %s', (text) => {
    expect(readConfig({ port: text }, {}).port).toBe(Number(text));
  });
});

describe('the error about a wrong value', () => {
  const wrong: [variable: string, value: string, problem: string][] = [
    ['WAXSEAL_HOST', 'http://localhost', 'must be an IP address or a hostname'],
    ['WAXSEAL_HOST', 'local host', 'must be an IP address or a hostname'],
    ['WAXSEAL_HOST', '*.example.com', 'must be an IP address or a hostname'],
    ['WAXSEAL_HOST', '127.0.0.1:24337', 'must be an IP address or a hostname without a port, which belongs in WAXSEAL_PORT (--port)'],
    ['WAXSEAL_HOST', '[::1]:3000', 'must be an IP address or a hostname without a port, which belongs in WAXSEAL_PORT (--port)'],
    ['WAXSEAL_TRUST_PROXY', 'true', 'must be IP addresses or ranges'],
    ['WAXSEAL_PORT', 'eighty', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '3000.5', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '0x50', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '30 00', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_PORT', '9'.repeat(400), 'must be a whole number from 0 to 65535'],
    ['PORT', 'tcp://10.0.0.1:80', 'must be a whole number from 0 to 65535'],
    ['WAXSEAL_ALLOW_ANONYMOUS', 'maybe', 'must be true or false'],
    ['WAXSEAL_ALLOWED_HOSTS', 'https://mcp.example.com', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_HOSTS', 'mcp.example.com:443', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_HOSTS', '*', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_HOSTS', ',', 'must have at least one element'],
    ['WAXSEAL_ALLOWED_HOSTS', 'a.*.example.com', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_HOSTS', '*example.com', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_ORIGINS', 'https://app.example.com:8443', 'must be hostnames without scheme or port'],
    ['WAXSEAL_ALLOWED_ORIGINS', 'any', 'must not be any'],
    ['WAXSEAL_ALLOWED_ORIGINS', 'null', 'must not be null'],
    ['WAXSEAL_ALLOWED_ORIGINS', 'app.example.com, NULL', 'must not be null'],
    ['WAXSEAL_AUDIENCE', 'a'.repeat(257), 'must be 1 to 256 characters'],
    ['WAXSEAL_MAX_HANDLE_LENGTH', '4095', 'must be a whole number from 4096 to 65536'],
    ['WAXSEAL_MAX_HANDLE_LENGTH', '65537', 'must be a whole number from 4096 to 65536'],
    ['WAXSEAL_MAX_HANDLE_LENGTH', '16k', 'must be a whole number from 4096 to 65536'],
    ['WAXSEAL_HANDLE_IN', 'texts', 'must be one of both, text, structured'],
    ['WAXSEAL_LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
  ];

  test.each(wrong)('names the variable, the problem and an example: %s=%s', (variable, value, problem) => {
    const message = refusalOf({}, { [variable]: value });
    const setting = SETTINGS.find(({ env }) => env.includes(variable));
    expect(message.startsWith(`${variable} ${problem}`)).toBe(true);
    expect(message).toContain(`Example: ${variable}='${setting?.example}'`);
    expect(message.length, 'a long value is cut short').toBeLessThan(400);
  });

  test.each(wrong.filter(([variable]) => variable !== 'PORT'))(
    'names the flag, if the flag for %s has the value %s',
    (variable, value, problem) => {
      const setting = SETTINGS.find(({ env }) => env.includes(variable));
      const flag = setting?.flag?.split(' ')[0] ?? '';
      const message = refusalOf({ [setting?.key ?? '']: value });
      expect(message.startsWith(`${flag} ${problem}`)).toBe(true);
      expect(message).toContain(`Example: ${flag} ${setting?.example}`);
    },
  );

  test.each([
    ['keysFile', '--keys must be the path of a key ring'],
    ['audience', '--audience must be 1 to 256 characters'],
    ['host', '--host must be an IP address or a hostname'],
  ])('names an empty flag: %s', (key, problem) => {
    expect(refusalOf({ [key]: '' })).toContain(problem);
  });

  test('gives a valid example for every setting', () => {
    for (const { schema, example, key } of SETTINGS) expect(schema.safeParse(example).success, key).toBe(true);
  });

  test('lists every problem, one line for each', () => {
    const message = refusalOf(
      { port: 'eighty' },
      { WAXSEAL_LOG_LEVEL: 'loud', WAXSEAL_HOST: '?', WAXSEAL_KEYS: '{}', WAXSEAL_KEYS_FILE: 'a' },
    );
    const lines = message.split('\n');
    expect(lines.length).toBe(4);
    for (const name of ['--port', 'WAXSEAL_LOG_LEVEL', 'WAXSEAL_HOST', 'WAXSEAL_KEYS and WAXSEAL_KEYS_FILE']) {
      expect(lines.filter((line) => line.startsWith(name)).length, name).toBe(1);
    }
  });
});

describe('the key ring', () => {
  const secret = '{"keys":[{"kty":"oct","k":"not-a-real-key-but-treated-as-one"}]}';

  test('is read from WAXSEAL_KEYS unchanged', () => {
    expect(readConfig({}, { WAXSEAL_KEYS: secret }).keys).toBe(secret);
  });

  test('cannot come from both WAXSEAL_KEYS and WAXSEAL_KEYS_FILE, which might differ', () => {
    expect(refusalOf({}, { WAXSEAL_KEYS: secret, WAXSEAL_KEYS_FILE: 'ring.jwks' })).toBe(
      'WAXSEAL_KEYS and WAXSEAL_KEYS_FILE are both set, and may differ: set only one of them.',
    );
  });

  test('comes from the flag --keys, whatever the variables say', () => {
    expect(readConfig({ keysFile: 'c.jwks' }, { WAXSEAL_KEYS: secret, WAXSEAL_KEYS_FILE: 'b.jwks' }).keysFile).toBe('c.jwks');
  });

  test('is never repeated in an error', () => {
    const everythingElse = Object.fromEntries(SETTINGS.flatMap(({ env }) => env).map((name) => [name, '?']));
    const message = refusalOf({}, { ...everythingElse, WAXSEAL_KEYS: secret });
    expect(message).not.toContain('not-a-real');
    expect(message).not.toContain('kty');
  });

  test('has no flag for its text, because other users can read command lines', () => {
    expect(SETTINGS.find(({ key }) => key === 'keys')?.flag).toBeUndefined();
  });
});
