import { isIP } from 'node:net';
import { localhostAllowedHostnames, localhostAllowedOrigins } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { isLoopbackAddress, isSecureUrl, LOOPBACK_NAMES } from '../../../src/server/app/loopback.ts';

describe('this machine', () => {
  test('has the same names as in the SDK', () => {
    expect(LOOPBACK_NAMES).toEqual(localhostAllowedHostnames());
    expect(LOOPBACK_NAMES).toEqual(localhostAllowedOrigins());
  });

  test.each(['localhost', '::1', '127.0.0.1', '127.0.0.0', '127.255.255.255', '127.9.10.99'])(
    'is the only machine that can reach the address %s',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true);
    },
  );

  test.each(['0.0.0.0', '::', '128.0.0.1', '192.0.2.1', 'example.com', '127.0.0.1.example.com', '127.1', '127.0.0.256', '127.0.0.01', ''])(
    'is not the only machine that can reach the address "%s"',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false);
      expect(isIP(address) === 4 && address.startsWith('127.')).toBe(false);
    },
  );

  test.each([
    ['https://login.example.com/', true],
    ['http://localhost:3000/', true],
    ['http://[::1]/', true],
    ['http://login.example.com/', false],
    ['http://localhost.example.com/', false],
    ['ftp://localhost/', false],
    ['localhost', false],
  ])('needs no TLS, but other machines do: isSecureUrl("%s") is %s', (url, isSecure) => {
    expect(isSecureUrl(url)).toBe(isSecure);
  });
});
