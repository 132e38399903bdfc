/**
 * Gives a stdio server a URL for the suite. The bridge changes only the ids of messages, because several clients can
 * use equal ids. The bridge makes the statuses and headers itself, and does not check `Host`.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';

const VERSION = 'io.modelcontextprotocol/protocolVersion';

/** Serves a stdio server on a free port of loopback. @param args the arguments of Node @returns the URL */
export async function bridged(args) {
  // The first message fixes the revision of a connection, so the bridge opens one connection for each revision.
  const connections = new Map();
  const connectionFor = (version) => {
    if (!connections.has(version)) connections.set(version, connectionTo(args));
    return connections.get(version);
  };
  const server = createServer(async (request, response) => {
    const message = await json(request);
    const exchange = connectionFor(message.params?._meta?.[VERSION]);
    if (message.id === undefined) {
      exchange(message);
      return response.writeHead(202).end();
    }
    const messages = await exchange(message);
    const [type, body] =
      messages.length > 1 ? ['text/event-stream', messages.map(asEvent).join('')] : ['application/json', JSON.stringify(messages[0])];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

function asEvent(message) {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/**
 * @returns a function that sends a message. For a request, the function resolves with the notifications, followed by
 *   the response.
 */
function connectionTo(args) {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.id !== undefined) return waiting.get(message.id)?.answer(message);
    const { progressToken } = message.params ?? {};
    // A log notification names no request, so all waiting requests get it.
    for (const [key, { tell }] of waiting) if (progressToken === undefined || progressToken === key) tell(message);
  });
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  let key = 0;
  return (message) => {
    if (message.id === undefined) return send(message);
    key += 1;
    const { id, params } = message;
    const token = params?._meta?.progressToken;
    send({ ...message, id: key, ...(token !== undefined && { params: { ...params, _meta: { ...params._meta, progressToken: key } } }) });
    return new Promise((resolve) => {
      const told = [];
      const tell = ({ params: telling, ...notification }) =>
        told.push({ ...notification, params: { ...telling, ...(telling?.progressToken !== undefined && { progressToken: token }) } });
      const own = key;
      const answer = (result) => {
        waiting.delete(own);
        resolve([...told, { ...result, id }]);
      };
      waiting.set(own, { tell, answer });
    });
  };
}
