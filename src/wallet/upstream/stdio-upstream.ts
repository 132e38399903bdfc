/** A transport to a server over stdio. */
import type { ChildProcess } from 'node:child_process';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Message } from '../messages.ts';
import { INTERNAL_ERROR, openIdOf, type Read } from './answer.ts';
import { serverLines } from './server-lines.ts';

export interface StdioUpstream extends Transport {
  /** Asks the server to end soon. */
  hurry(): void;
  /** Says how the server ended. */
  ending(): string;
}

/** The errors of a server that could not read a request. Such an error has no id. */
const UNREADABLE = [-32_700, -32_600];

/** How long a server may live after its output has ended, in milliseconds. */
const GRACE_MS = 500;

const UNKNOWN = 'It is unknown whether the call took effect.';

/**
 * Makes a transport that starts a server. Every request gets an answer. If the server ends, or if its answer cannot be
 * read, the answer is an error.
 *
 * @param command the command and its arguments
 * @param onError called with an explanation of each failure. It quotes no text of the server, which may contain a handle.
 */
export function stdioUpstream([command = '', ...args]: readonly string[], onError: (text: string) => void): StdioUpstream {
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const inner = new StdioClientTransport({ command, args, env });
  const open = new Set<string | number>();
  /** The id of the last message, if it was a request. */
  let last: string | number | undefined;
  let child: ChildProcess | undefined;
  /** Why the wallet ended the server. */
  let fault: string | undefined;
  let isOver = false;

  const fail = (id: string | number, text: string) => {
    if (open.delete(id)) upstream.onmessage?.({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: text } });
  };

  /** Returns the id of the only request that an error without an id can be about. */
  const unreadRequest = ({ id, error }: Message) => {
    const isUnread = id === undefined && UNREADABLE.includes((error as { readonly code?: number } | undefined)?.code ?? 0);
    return isUnread && open.size === 1 && last !== undefined && open.has(last) ? last : undefined;
  };

  const found = (read: Read) => {
    const id = openIdOf('message' in read ? read.message.id : read.id, open);
    if ('problem' in read) {
      const problem = `a message from ${command} could not be read: ${read.problem}`;
      onError(problem);
      if (id !== undefined) fail(id, `The server answered, but ${problem}. The call may have taken effect.`);
      return;
    }
    const { message } = read;
    if (message.method !== undefined) return upstream.onmessage?.(message as JSONRPCMessage);
    const answered = id ?? unreadRequest(message);
    // The host has cancelled the request, or has its answer already.
    if (answered === undefined || !open.delete(answered)) return;
    upstream.onmessage?.({ ...message, id: answered } as JSONRPCMessage);
  };

  const ended = () => {
    if (isOver) return;
    isOver = true;
    for (const id of [...open]) fail(id, `${upstream.ending()} before it answered. ${UNKNOWN}`);
    upstream.onclose?.();
  };

  const end = async (why: string) => {
    if (isOver || fault !== undefined) return;
    fault = why;
    await inner.close();
    ended();
  };

  const upstream: StdioUpstream = {
    start: async () => {
      await inner.start();
      // The transport reports neither the command's exit code nor its signal. The child process does.
      child = inner['_process'];
      const read = serverLines(found);
      // The SDK's own reader drops what it cannot read, with the id of its request.
      child?.stdout?.removeAllListeners('data');
      child?.stdout?.on('data', (part: Buffer) => {
        try {
          read(part);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          void end(`sent ${error.message}`);
        }
      });
      // The output of a server that exits ends, too. Its exit is heard soon after.
      child?.stdout?.once('end', () => setTimeout(() => void end('closed its output'), GRACE_MS).unref());
    },
    send: async (message) => {
      const { id, method, params } = message as Message;
      if (method === 'notifications/cancelled') open.delete(params?.['requestId'] as string);
      const isRequest = id !== undefined && method !== undefined;
      last = isRequest ? id : undefined;
      if (!isRequest) return inner.send(message);
      open.add(id);
      if (isOver) return fail(id, `${upstream.ending()}. The call was not sent.`);
      await inner.send(message).catch((error: Error) => fail(id, `The request could not be sent (${error.name}). ${UNKNOWN}`));
    },
    close: async () => {
      open.clear();
      await inner.close();
    },
    hurry: () => void child?.kill('SIGTERM'),
    ending: () => {
      if (fault !== undefined) return `${command} ${fault}, so the wallet ended it`;
      return `${command} ended ${child?.signalCode ? `by ${child.signalCode}` : `with exit code ${child?.exitCode ?? 'unknown'}`}`;
    },
  };
  inner.onclose = ended;
  inner.onerror = (error) => upstream.onerror?.(error);
  return upstream;
}
