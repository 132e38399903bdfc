import pino from 'pino';
import { onTestFinished } from 'vitest';
import { generateRing, parseRing, toText } from '../../../../src/keys/index.ts';
import { plainTool, toolset } from '../../../../src/kit/index.ts';
import { httpServer, systemClock, toolServer } from '../../../../src/server/index.ts';
import { toolCall } from '../../../support/mcp.ts';

/** The most requests in hand. A process refuses further requests with 503 (docs/operate.md). */
export const MOST_IN_HAND = 256;

/** A call of the tool that waits. */
export const call = toolCall('wait', {});

/**
 * Makes a server with a tool that waits until the test lets it answer. The server does not listen yet, and is closed
 * when the test ends.
 *
 * @returns the server, the lines of its log, the calls that wait, and the function that lets them answer
 */
export async function waitingServer() {
  const ring = await parseRing(toText(await generateRing(systemClock())));
  const waiting: (() => void)[] = [];
  const wait = plainTool('wait', { description: 'Waits.' }, async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { text: 'done' };
  });
  const lines: Record<string, unknown>[] = [];
  const app = httpServer({
    server: toolServer(toolset([wait]), { name: 'waxseal-test', version: '1.0.0' }),
    environment: { ring: () => ring, now: systemClock },
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    allowedOrigins: ['app.example.com'],
    rateLimit: 0,
    maxConnections: 1_000,
  });
  const release = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  onTestFinished(() => {
    release();
    return app.close();
  });
  return { app, lines, waiting, release };
}
