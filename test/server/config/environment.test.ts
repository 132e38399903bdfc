import { describe, expect, test } from 'vitest';
import { ignoredVariables } from '../../../src/server/config/environment.ts';
import { readConfig, SETTINGS } from '../../../src/server/index.ts';

describe('the value of a variable', () => {
  test.each([
    ['"8080"', 'docker run --env-file keeps quotes'],
    ["'8080'", 'some panels of hosting platforms keep quotes'],
    ['`8080`', 'copies from documents contain backticks'],
    [' 8080 ', 'spaces around the equals sign of a file'],
    ['8080\r', 'a file from Windows'],
    ['8080\n', 'a secret from a file'],
    ['\ufeff8080', 'a byte order mark'],
    ['"8080"\r\n', 'several of the characters above'],
  ])('%j is read without the characters around it: %s', (text) => {
    expect(readConfig({}, { WAXSEAL_PORT: text })).toEqual(readConfig({}, { WAXSEAL_PORT: '8080' }));
  });

  test('counts as not set if it has only quotes or spaces', () => {
    for (const text of ['""', "''", ' ', '\r\n']) expect(readConfig({}, { WAXSEAL_PORT: text, PORT: '8080' }).port).toBe(8080);
  });

  test('is read without quotes and spaces for every setting', () => {
    for (const { env, example } of SETTINGS) {
      const [variable = ''] = env;
      // A setting that needs another setting causes an error. The error must be the same with and without quotation
      // marks.
      const outcome = (text: string) => {
        try {
          return readConfig({}, { [variable]: text });
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(outcome(`"${example}"\r`)).toEqual(outcome(example));
    }
  });

  test('keeps quotes inside it, and a quote at only one end', () => {
    expect(readConfig({}, { WAXSEAL_AUDIENCE: 'the "blue" one' }).audience).toBe('the "blue" one');
    expect(readConfig({}, { WAXSEAL_AUDIENCE: '"blue' }).audience).toBe('"blue');
  });
});

describe('the log has one line about', () => {
  test.each(['tcp://10.96.0.17:3000', 'udp://10.96.0.17:53'])('WAXSEAL_PORT=%s, a service link of Kubernetes', (link) => {
    expect(ignoredVariables({ WAXSEAL_PORT: link, PORT: '8080' })).toEqual([
      'WAXSEAL_PORT is a Kubernetes service link and not a port, so it is ignored. Set the port with --port or PORT.',
    ]);
  });

  test('a misspelt setting, without its value', () => {
    const lines = ignoredVariables({ WAXSEAL_ALLOWED_HOST: 'mcp.example.com', WAXSEAL_KEY: 'secret' });
    expect(lines).toEqual([
      'WAXSEAL_ALLOWED_HOST is not a setting, so it is ignored. waxseal serve --help lists the variables.',
      'WAXSEAL_KEY is not a setting, so it is ignored. waxseal serve --help lists the variables.',
    ]);
  });
});

test('the log has no line about settings, foreign variables or empty variables', () => {
  const settings = Object.fromEntries(SETTINGS.flatMap(({ env }) => env).map((variable) => [variable, 'x']));
  expect(
    ignoredVariables({
      ...settings,
      PATH: '/bin',
      WAXSEAL_WALLET_HEADERS: 'a: b',
      WAXSEAL_NOTHING: '',
      WAXSEAL_SERVICE_HOST: '10.96.0.17',
      WAXSEAL_SERVICE_PORT_HTTP: '3000',
      WAXSEAL_PORT_3000_TCP_ADDR: '10.96.0.17',
      WAXSEAL_INSPECT_PORT: 'tcp://10.96.0.18:80',
    }),
  ).toEqual([]);
});
