/**
 * Stands in for a Lambda function URL: turns HTTP requests into events (payload format 2.0), and calls the handler of a
 * bundle. `node lambda-front.mjs BUNDLE PORT`
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [bundle, port] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const {
    statusCode,
    headers,
    cookies,
    body = '',
    isBase64Encoded,
  } = await handler(eventOf(request, Buffer.concat(parts)), { awsRequestId: '1' });
  response.writeHead(statusCode, { ...headers, ...(cookies && { 'set-cookie': cookies }) });
  response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('takes events\n'));

function eventOf({ method, url, headers, socket }, body) {
  const { pathname, searchParams } = new URL(url, `http://${headers.host}`);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: searchParams.toString(),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'function',
      domainName: headers.host,
      domainPrefix: 'function',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: socket.remoteAddress, userAgent: headers['user-agent'] ?? '' },
      requestId: '1',
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}
