/** Runs `waxseal wallet`: connects the host, on standard input and output, with the server. */
import type { Transport } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { reasonOf } from '../../node/files.ts';
import { answeringTransport } from '../../server/node/stdio/answering-transport.ts';
import { createWallet, type WalletOptions, withWallet } from '../../wallet/index.ts';
import { INTERNAL_ERROR } from '../../wallet/upstream/answer.ts';
import { httpUpstream } from '../../wallet/upstream/http-upstream.ts';
import { type HttpProxy, ProxyError, proxyFor } from '../../wallet/upstream/proxy.ts';
import { stdioUpstream } from '../../wallet/upstream/stdio-upstream.ts';
import { UsageError } from './output.ts';

interface Upstream {
  /** The server's name in messages. It omits the query of a URL, which may contain secrets. */
  readonly title: string;
  /** Identifies the server in the wallet file, which keeps the handles and aliases of each server apart. */
  readonly identity: URL | readonly string[];
  readonly transport: Transport;
  /** Asks the server to end soon. */
  hurry(): void;
  /** Says how the server ended, if it ended by itself. */
  ending(): string;
}

/**
 * Relays between the host and a server until one side ends. When standard input ends, the wallet still answers the
 * requests that it has read.
 *
 * @param server the URL of a Streamable HTTP server, or the command that starts a server over stdio
 * @param headers sent with every request to a URL
 * @throws {UsageError} if the environment names an invalid proxy
 * @throws {Error} if the command cannot be started
 */
export async function runWallet(
  server: URL | readonly string[],
  headers: Headers,
  options: Pick<WalletOptions, 'file' | 'ephemeral'>,
): Promise<void> {
  const upstream = server instanceof URL ? urlUpstream(server, headers) : commandUpstream(server);
  const wallet = createWallet({ upstream: upstream.identity, ...options, warn: say });
  await connect(upstream, withWallet(upstream.transport, wallet));
}

function say(text: string): void {
  process.stderr.write(`waxseal wallet: ${text}\n`);
}

function urlUpstream(url: URL, headers: Headers): Upstream {
  const title = `${url.origin}${url.pathname}`;
  return {
    title,
    identity: url,
    transport: httpUpstream(url, { onError: say, headers, proxy: proxyTo(url) }),
    hurry: () => {},
    ending: () => 'the connection ended',
  };
}

function proxyTo(url: URL): HttpProxy | undefined {
  try {
    return proxyFor(url, process.env);
  } catch (error) {
    throw error instanceof ProxyError ? new UsageError(error.message) : error;
  }
}

function commandUpstream(command: readonly string[]): Upstream {
  const transport = stdioUpstream(command, say);
  return {
    title: command[0] ?? '',
    // The working directory is part of the identity: in another one, a relative path means another program.
    identity: [process.cwd(), ...command],
    transport,
    hurry: transport.hurry,
    ending: transport.ending,
  };
}

async function connect({ title, hurry, ending }: Upstream, server: Transport): Promise<void> {
  const { transport: host } = answeringTransport(
    (input) => new StdioServerTransport(input),
    process.stdin,
    (why) => say(`a line of input was dropped: ${why}`),
  );
  let isOver = false;
  const end = async (code: number) => {
    if (isOver) return;
    isOver = true;
    await server.close();
    process.stdout.write('', () => process.exit(code));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      hurry();
      void end(0);
    });
  }

  host.onmessage = (message) => {
    server.send(message).catch((cause: Error) => {
      const error = { code: INTERNAL_ERROR, message: `The wallet could not pass on the request (${cause.name}).` };
      if ('method' in message && 'id' in message) host.send({ jsonrpc: '2.0', id: message.id, error }).catch(() => {});
    });
  };
  host.onclose = () => void end(0);
  server.onmessage = (message) => void host.send(message).catch(() => {});
  server.onclose = () => {
    if (!isOver) say(`${ending()}.`);
    void end(1);
  };
  host.onerror = (error) => say(`a message from the host could not be read: ${error.name}`);
  server.onerror = (error) => {
    // The error of a command that cannot be started is reported below, because `start` throws the same error.
    if (!(error as NodeJS.ErrnoException).syscall?.startsWith('spawn')) say(`a message from ${title} could not be read: ${error.name}`);
  };

  try {
    await server.start();
  } catch (error) {
    // No command was started, so `onclose` must not report its end.
    isOver = true;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      isMissing
        ? `there is no command ${JSON.stringify(title)}. Install it, or write its whole path: waxseal wallet -- COMMAND …`
        : `${title} cannot be started: ${reasonOf(error)}.`,
    );
  }
  await host.start();
}
