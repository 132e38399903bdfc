/**
 * One HTTP connection on a bare socket, with one request at a time. `fetch` would cost as much CPU time as the server,
 * which shares the machine. This client also tells three failures apart: a refused connection, a reset before an
 * answer, and an incomplete answer.
 */
import { connect } from 'node:net';

/** No complete answer came. `kind` is `refused`, `reset`, `broken` (an incomplete answer) or `late`. */
export class NoAnswer extends Error {
  constructor(kind, cause) {
    super(`${kind}${cause === undefined ? '' : `: ${cause}`}`);
    this.kind = kind;
  }
}

export class Connection {
  #target;
  #patience;
  #localAddress;
  #socket;
  #received;
  #pending;

  /**
   * @param target an object with a `port`, which is read at each connect, because a replica can come back on another
   *   port
   * @param patience the longest wait for an answer, in milliseconds
   */
  constructor(target, { patience = 10_000, localAddress } = {}) {
    this.#target = target;
    this.#patience = patience;
    this.#localAddress = localAddress;
  }

  /** @returns the answer: `status`, `head` and `text` @throws {NoAnswer} if no complete answer comes */
  exchange(request) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail('late'), this.#patience);
      this.#pending = { resolve, reject, timer };
      this.#received = undefined;
      if (this.#socket === undefined) this.#connect();
      this.#socket?.write(request);
    });
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect() {
    if (this.#target.port === undefined) {
      this.#fail('refused');
      return;
    }
    const socket = connect({ host: '127.0.0.1', port: this.#target.port, localAddress: this.#localAddress, noDelay: true });
    let connected = false;
    let cause;
    socket.once('connect', () => {
      connected = true;
    });
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => {
      cause = error.code;
    });
    socket.once('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.#received !== undefined) this.#fail('broken', cause);
      else this.#fail(connected ? 'reset' : 'refused', cause);
    });
    this.#socket = socket;
  }

  #take(bytes) {
    this.#received = this.#received === undefined ? bytes : Buffer.concat([this.#received, bytes]);
    const answer = answerIn(this.#received);
    if (answer === undefined) return;
    this.#received = undefined;
    if (/\r\nconnection: close/i.test(answer.head)) this.close();
    this.#settle()?.resolve(answer);
  }

  #fail(kind, cause) {
    this.close();
    this.#received = undefined;
    this.#settle()?.reject(new NoAnswer(kind, cause));
  }

  #settle() {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }
}

/** Reads an answer (RFC 9112 §6). Returns undefined while it is incomplete. */
function answerIn(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.latin1Slice(0, end);
  const status = Number(head.slice(9, 12));
  const body = bytes.subarray(end + 4);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length < Number(length) ? undefined : { status, head, text: body.toString() };
  if (/\r\ntransfer-encoding: chunked/i.test(head)) {
    const text = unchunked(body);
    return text === undefined ? undefined : { status, head, text };
  }
  return { status, head, text: '' };
}

/** Reads a chunked body (RFC 9112 §7.1). Returns undefined while it is incomplete. */
function unchunked(body) {
  const chunks = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(body.latin1Slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (body.length < next) return undefined;
    if (size === 0) return Buffer.concat(chunks).toString();
    chunks.push(body.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
