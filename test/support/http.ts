import { request } from 'node:http';
import type { Outgoing } from './mcp.ts';

/** A whole response. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a request with `node:http`, which can set any header, even Host. `fetch` cannot. */
export function sendRaw(
  url: string,
  { method, headers, body = '' }: Partial<Outgoing> | { method: string; headers?: Record<string, string>; body?: string | Uint8Array },
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: method ?? 'GET', headers: headers ?? {}, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
