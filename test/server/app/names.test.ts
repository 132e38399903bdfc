import { expect, test } from 'vitest';
import { isServedHost, isServedOrigin, isServedProbe, reachBeyond, requireNames } from '../../../src/server/app/names.ts';
import { ConfigError } from '../../../src/server/index.ts';

const names = ['mcp.example.com', '*.preview.example', '[::1]'];

test.each([
  'mcp.example.com',
  'MCP.example.com:8080',
  'mcp.example.com.',
  'a.preview.example',
  'a.b.preview.example:1',
  '[::1]',
  '[0:0::1]:80',
])('the Host %s is served', (host) => {
  expect(isServedHost(host, names)).toBe(true);
});

test.each([
  undefined,
  '',
  'example.com',
  'evilmcp.example.com',
  'mcp.example.com.evil.example',
  'preview.example',
  '.preview.example',
  'evilpreview.example',
  'evil@mcp.example.com',
  'mcp.example.com:80@evil.example',
  'mcp.example.com/x',
  'mcp.example.com:port',
  'mcp.example.com evil',
])('the Host %s is refused', (host) => {
  expect(isServedHost(host, names)).toBe(false);
});

test('the configuration can allow every Host', () => {
  expect(isServedHost('anything.example', 'any')).toBe(true);
  expect(isServedHost(undefined, 'any')).toBe(true);
});

test.each(['10.1.2.3:3000', '127.0.0.1', '[fd00::1]:3000', 'localhost', undefined, ''])('a health probe with Host %s is served', (host) => {
  expect(isServedProbe(host, names)).toBe(true);
});

test.each(['evil.example', '10.1.2.3.evil.example', '10.1.2.3@evil.example'])(
  'a health probe with the foreign Host %s is refused (DNS rebinding)',
  (host) => {
    expect(isServedProbe(host, names)).toBe(false);
  },
);

test.each<[string | null, boolean]>([
  [null, true],
  ['https://mcp.example.com', true],
  ['http://a.preview.example:8080', true],
  ['null', false],
  ['https://evil.example', false],
  ['mcp.example.com', false],
  ['file://', false],
])('the Origin %s is served: %s', (origin, served) => {
  expect(isServedOrigin(origin, names)).toBe(served);
});

test.each([
  '*',
  '*.',
  'https://mcp.example.com',
  'mcp.example.com:443',
  'a.*.example',
  '*example.com',
  'a..b',
  '.a',
  'a b',
  '',
  'a:1:2',
  '[::1]:80',
  '*.[::1]',
  'a%2eb',
])('%j matches no hostname and is refused', (name) => {
  expect(() => requireNames([name], 'allowedHosts')).toThrow(ConfigError);
  expect(() => requireNames([name], 'allowedHosts')).toThrow('allowedHosts');
});

test('requireNames spells names as URLs spell hostnames', () => {
  const given = ['MCP.Example.com', '[0:0:0:0:0:0:0:1]', '*.Example.com', 'mcp.example.com.', '::1', 'müller.example'];
  expect(requireNames(given, 'allowedHosts')).toEqual([
    'mcp.example.com',
    '[::1]',
    '*.example.com',
    'mcp.example.com',
    '[::1]',
    'xn--mller-kva.example',
  ]);
});

test('the word any, alone or in a list, means every Host, but no word means every Origin', () => {
  for (const any of ['any', 'ANY', ['any'], ['mcp.example.com', 'Any']]) expect(requireNames(any as 'any', 'allowedHosts')).toBe('any');
  expect(() => requireNames(['any'], 'allowedOrigins')).toThrow('allowedOrigins: "any" matches no hostname');
  expect(() => requireNames('any', 'allowedOrigins')).toThrow('allowedOrigins must be a list of hostnames');
});

test('an allowed origin can be written as browsers send it, without a port', () => {
  expect(requireNames(['https://App.example.com', 'http://[::1]/'], 'allowedOrigins')).toEqual(['app.example.com', '[::1]']);
  for (const wrong of ['https://app.example.com:8443', 'https://app.example.com/x', 'ftp://app.example.com'])
    expect(() => requireNames([wrong], 'allowedOrigins')).toThrow(ConfigError);
});

test('a name that is not a text is refused', () => {
  expect(() => requireNames([undefined as never], 'allowedHosts')).toThrow(ConfigError);
});

test.each(['mcp.example.com', 'mcp.example.com,localhost', {}])('names that are not a list are refused: %j', (names) => {
  expect(() => requireNames(names as 'any', 'allowedHosts')).toThrow(
    "allowedHosts must be a list of hostnames, such as ['mcp.example.com'].",
  );
});

test('a list of names reaches beyond this machine if any name does', () => {
  expect(reachBeyond(['localhost', '127.0.0.1', '[::1]'])).toBe(false);
  for (const beyond of [['localhost', 'mcp.example.com'], ['*.localhost.example'], 'any'] as const) expect(reachBeyond(beyond)).toBe(true);
});
