// @ts-check
/** The products of the shop. A real shop would read them from a database. */
import { openCursor, sealCursor } from 'waxseal';

/** The products, with their prices in cents. */
export const products = [
  { sku: 'shoes', name: 'Running shoes', price: 8900 },
  { sku: 'socks', name: 'Wool socks', price: 1250 },
  { sku: 'laces', name: 'Shoe laces', price: 390 },
  { sku: 'shirt', name: 'Running shirt', price: 3400 },
  { sku: 'jacket', name: 'Rain jacket', price: 12900 },
  { sku: 'bottle', name: 'Water bottle', price: 1490 },
  { sku: 'belt', name: 'Reflective belt', price: 990 },
];

/** @param {string} sku */
export function productOf(sku) {
  return products.find((product) => product.sku === sku);
}

/** @param {number} cents */
export function euros(cents) {
  return `€${(cents / 100).toFixed(2)}`;
}

/** @param {string} words */
export function findProducts(words) {
  const wanted = words.toLowerCase().split(/\s+/);
  return products.filter(({ sku, name }) => wanted.some((word) => `${sku} ${name}`.toLowerCase().includes(word)));
}

const PAGE = 3;
const PREFIX = 'product://';
const CATALOGUE = { name: 'resources/list' };

/**
 * Lists the catalogue as resources, in pages. A client cannot make up a sealed cursor, or use it for another list.
 *
 * @param {import('@modelcontextprotocol/server').McpServer} server
 * @param {import('waxseal').Environment} environment
 */
export function registerCatalogue({ server }, environment) {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/list', async ({ params }) => {
    const start = params?.cursor === undefined ? 0 : Number(await openCursor(params.cursor, CATALOGUE, environment));
    const end = start + PAGE;
    return {
      resources: products.slice(start, end).map(({ sku, name }) => ({ uri: PREFIX + sku, name })),
      ...(end < products.length && { nextCursor: await sealCursor(end, CATALOGUE, environment) }),
    };
  });
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const product = productOf(uri.slice(PREFIX.length));
    return { contents: product === undefined ? [] : [{ uri, mimeType: 'application/json', text: JSON.stringify(product) }] };
  });
}
