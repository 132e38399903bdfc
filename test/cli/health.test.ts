import { createServer } from 'node:http';
import { createServer as createListener, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../support/folders.ts';
import { runProgram, startServer } from '../support/program.ts';

/** Starts a server on loopback for one test. @returns its port */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as { port: number }).port;
}

describe('waxseal health', () => {
  test('exits with 0 while the server is ready, and with 1 when it is gone', async () => {
    const server = await startServer([], { cwd: emptyFolder() });
    const { port } = new URL(server.url);
    for (const env of [{ PORT: port }, { WAXSEAL_PORT: port }, { PORT: port, WAXSEAL_HOST: '0.0.0.0' }])
      expect(await runProgram(['health'], { env })).toMatchObject({ code: 0, stdout: `${server.origin}/readyz: ready\n`, stderr: '' });
    for (const url of [server.origin, server.url, `127.0.0.1:${port}`, `127.0.0.1:${port}/mcp`])
      expect(await runProgram(['health', url])).toMatchObject({ code: 0, stdout: `${server.origin}/readyz: ready\n` });
    expect(await runProgram(['health', `${server.origin}/healthz`])).toMatchObject({ code: 0, stdout: `${server.origin}/healthz: ok\n` });
    await server.kill();
    expect(await runProgram(['health'], { env: { PORT: port } })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `waxseal: no response from http://127.0.0.1:${port}: ECONNREFUSED\n`,
    });
  });

  test('exits with 1, and says why the server is not ready', async () => {
    const body = JSON.stringify({ status: 'not_ready', reason: 'The key ring has no active entry.' });
    const port = await listening(createServer((_request, response) => response.writeHead(503).end(body)));
    const { code, stdout } = await runProgram(['health', `http://127.0.0.1:${port}`]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `http://127.0.0.1:${port}/readyz: not_ready: The key ring has no active entry.\n`,
    });
  });

  test('exits with 1 for a redirect, and does not follow it', async () => {
    const port = await listening(createServer((_request, response) => response.writeHead(302, { location: '/healthz' }).end()));
    expect(await runProgram(['health', `http://127.0.0.1:${port}`])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(`^http://127.0.0.1:${port}/readyz: answered 302, so this is not the health endpoint `),
    });
  });

  test('finds the health endpoint beside /mcp, also behind a prefix that a proxy adds', async () => {
    const port = await listening(
      createServer(({ url }, response) =>
        url === '/api/v1/readyz' || url === '/readyz' || url === '/api/v1/healthz/?all'
          ? response.end(JSON.stringify({ status: 'ready' }))
          : response.writeHead(404).end(),
      ),
    );
    const origin = `http://127.0.0.1:${port}`;
    for (const [given, asked] of [
      ['/mcp/', '/readyz'],
      ['/api/v1', '/api/v1/readyz'],
      ['/api/v1/', '/api/v1/readyz'],
      ['/api/v1/mcp?x=1', '/api/v1/readyz'],
      ['/api/v1/mcp/', '/api/v1/readyz'],
      ['/api/v1/readyz', '/api/v1/readyz'],
      ['/api/v1/healthz/?all', '/api/v1/healthz/?all'],
    ])
      expect(await runProgram(['health', `${origin}${given}`])).toMatchObject({
        code: 0,
        stdout: `${origin}${asked}: ready\n`,
        stderr: '',
      });
  });

  test.each([
    ['404', 404, 'not found'],
    ['200 with a page', 200, '<!doctype html>'],
    ['200 with JSON of another program', 200, 'null'],
  ])('exits with 1 for an answer of %s, and says what to do', async (_name, status, body) => {
    const port = await listening(createServer((_request, response) => response.writeHead(status).end(body)));
    expect(await runProgram(['health', `http://127.0.0.1:${port}/api`])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        `^http://127.0.0.1:${port}/api/readyz: answered ${status}, so this is not the health endpoint of a Waxseal server. Name `,
      ),
    });
  });

  test('exits with 1 if a proxy answers that the server is gone', async () => {
    const port = await listening(createServer((_request, response) => response.writeHead(502).end('<html>Bad Gateway</html>')));
    const { code, stdout } = await runProgram(['health', `http://127.0.0.1:${port}/api`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `http://127.0.0.1:${port}/api/readyz: answered 502\n` });
  });

  test('waits at most five seconds for a response', async () => {
    const port = await listening(createListener((socket) => void socket.on('error', () => {})));
    const { code, stderr } = await runProgram(['health', `http://127.0.0.1:${port}`]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `waxseal: no response from http://127.0.0.1:${port} within 5 s\n` });
  });

  test.each(['localhost', 'ftp://127.0.0.1/', 'http://me:secret@127.0.0.1:9/'])(
    'exits with 2 for %s, and does not print a password',
    async (url) => {
      const { code, stderr } = await runProgram(['health', url]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^waxseal: the URL of the server must be an http or https URL/),
      });
      expect(stderr).not.toContain('secret');
    },
  );
});
