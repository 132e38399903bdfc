/** What the model APIs share. */

export function sendJson(response, body) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** @param events a pair for each event: its name (or undefined), and its data */
export function sendEvents(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const [name, value] of events) {
    const data = typeof value === 'string' ? value : JSON.stringify(value);
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`);
  }
  response.end();
}

/** Content is a string, or a list of blocks with texts. */
export function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return JSON.stringify(content ?? '');
  return content.map((block) => block?.text ?? JSON.stringify(block)).join('\n');
}
