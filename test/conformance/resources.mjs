/** Registers resources: text, binary data and a template. The suite prescribes the names and contents. */
import { ResourceTemplate } from '@modelcontextprotocol/server';
import { IMAGE } from './samples.mjs';

const FIXED = [
  ['static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  ['static-binary', { mimeType: 'image/png', blob: IMAGE }],
  ['watched-resource', { mimeType: 'text/plain', text: 'Watched resource content' }],
];

export function registerResources(server) {
  for (const [name, content] of FIXED) {
    const uri = `test://${name}`;
    server.registerResource(name, uri, { mimeType: content.mimeType }, async () => ({ contents: [{ uri, ...content }] }));
  }
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  const mimeType = 'application/json';
  server.registerResource('template', template, { mimeType }, async ({ href: uri }, { id }) => ({
    contents: [{ uri, mimeType, text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }],
  }));
}
