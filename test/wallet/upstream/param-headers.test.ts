import { describe, expect, it } from 'vitest';
import { headersOf, paramHeaders } from '../../../src/wallet/upstream/param-headers.ts';

describe('a header that repeats an argument', () => {
  it.each<[string, unknown, string[] | undefined]>([
    ['on the top level', { properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }, ['a']],
    ['in an object', { properties: { a: { type: 'object', properties: { b: { type: 'integer', 'x-mcp-header': 'B' } } } } }, ['a.b']],
    ['no header, but an argument that is named x-mcp-header', { properties: { 'x-mcp-header': { type: 'string' } } }, []],
    ['in an array', { properties: { a: { items: { type: 'string', 'x-mcp-header': 'A' } } } }, undefined],
    ['in anyOf', { anyOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }] }, undefined],
    ['of an object', { properties: { a: { type: 'object', 'x-mcp-header': 'A' } } }, undefined],
    ['with an invalid header name', { properties: { a: { type: 'string', 'x-mcp-header': 'A: b\r\n' } } }, undefined],
    [
      'two headers whose names differ only in case',
      { properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } } },
      undefined,
    ],
  ])('is accepted, or makes its tool invalid, as MCP says: %s', (_name, schema, expected) => {
    expect(paramHeaders({ type: 'object', ...(schema as object) })?.map(({ path }) => path.join('.'))).toEqual(expected);
  });

  // The first examples come from the specification.
  it.each<[unknown, string | undefined]>([
    ['us-west1', 'us-west1'],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    [' padded ', '=?base64?IHBhZGRlZCA=?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
    ['', '=?base64??='],
    [42, '42'],
    [false, 'false'],
    [null, undefined],
    [undefined, undefined],
    [{}, undefined],
  ])('encodes the value %j as %j', (value, expected) => {
    const headers = headersOf([{ path: ['a', 'b'], name: 'X' }], { a: { b: value } });
    expect(headers).toEqual(expected === undefined ? {} : { 'Mcp-Param-X': expected });
  });
});
