import { describe, expect, test } from 'vitest';
import { addressThrough, isForwarded, networkOf } from '../../../src/server/node/forwarded.ts';

describe('the address of a caller behind proxies', () => {
  const addressOf = addressThrough(['10.0.0.0/8', '::1', '192.0.2.1']);

  test.each<[sender: string, forwardedFor: string | undefined, address: string]>([
    ['203.0.113.1', '198.51.100.1', '203.0.113.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1:50001', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1,  192.0.2.1:4711', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['::1', '[2001:db8::7]:443', '2001:db8::7'],
    ['::1', '[2001:db8::7]', '2001:db8::7'],
    ['::1', '2001:db8::7', '2001:db8::7'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1, unknown, 10.0.0.2:1', '10.0.0.2'],
    ['10.0.0.1', '198.51.100.1:', '10.0.0.1'],
    ['10.0.0.1', ',', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1,', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, , 10.0.0.2', '198.51.100.1'],
  ])('follows from the connection and X-Forwarded-For: %s and %j mean %s', (sender, forwardedFor, address) => {
    expect(addressOf(sender, forwardedFor)).toBe(address);
  });

  test('is the address of the connection if no proxy is trusted', () => {
    expect(addressThrough([])('127.0.0.1', '198.51.100.1')).toBe('127.0.0.1');
  });
});

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['::ffff:198.51.100.1', '198.51.100.1'],
  ['::ffff:0101:0801', '1.1.8.1'],
  ['0:0:0:0:0:FFFF:c633:6401', '198.51.100.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['', ''],
])('the rate limit counts a caller at %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('the headers of tunnels and proxies show that a request was forwarded', () => {
  for (const name of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'via', 'x-forwarded-proto'])
    expect(isForwarded({ [name]: 'x' })).toBe(true);
  expect(isForwarded({ host: 'localhost', 'user-agent': 'x' })).toBe(false);
});
