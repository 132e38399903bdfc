/** An authorization server that serves exactly the documents that a test gives it, and signs any claims. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { systemClock } from '../../src/server/index.ts';

/** A pair of keys; the JWK is the public one. */
export interface Pair {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export interface Issuer {
  readonly issuer: string;
  readonly port: number;
  /** The paths of the received requests, in order. */
  readonly paths: string[];
  /** The JWK Set, or any other document in its place. */
  jwks: unknown;
  /** Changes to the metadata. */
  metadata: Record<string, unknown>;
  /** Answers a request in place of the issuer, if it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Signs a token. Claims and header parameters that are undefined are left out. */
  mint(pair: Pair, claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

export async function pairFor(alg: string, kid?: string): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), alg, use: 'sig', ...(kid !== undefined && { kid }) } };
}

/** @param port a port on which an earlier issuer listened, so that the new issuer has the same name */
export async function startIssuer(audience: string, port = 0): Promise<Issuer> {
  const http = createServer((request, response) => {
    // An open connection would break when the next server takes this port.
    response.setHeader('connection', 'close');
    const { url = '' } = request;
    self.paths.push(url);
    if (self.instead(request, response)) return;
    const document = { '/.well-known/oauth-authorization-server': metadata(), '/jwks': self.jwks }[url];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve));
  const taken = (http.address() as AddressInfo).port;
  const issuer = `http://127.0.0.1:${taken}`;
  const metadata = () => ({ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token`, ...self.metadata });
  const self: Issuer = {
    issuer,
    port: taken,
    paths: [],
    jwks: undefined,
    metadata: {},
    instead: () => false,
    mint: ({ alg, privateKey, jwk: { kid } }, claims = {}, header = {}) => {
      const now = systemClock();
      const all = { iss: issuer, aud: audience, sub: 'alice', iat: now, exp: now + 300, scope: 'research', ...claims };
      return new SignJWT(all).setProtectedHeader(JSON.parse(JSON.stringify({ alg, kid, typ: 'at+jwt', ...header }))).sign(privateKey);
    },
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return self;
}
