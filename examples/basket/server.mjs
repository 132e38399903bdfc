// @ts-check
/** A shop on an McpServer: the tools for baskets, a tool without a handle, and resources. */
import { McpServer } from '@modelcontextprotocol/server';
import { registerTools, toolset } from 'waxseal';
import { serve } from 'waxseal/server';
import * as z from 'zod';
import { basketTools } from './basket.mjs';
import { euros, findProducts, registerCatalogue } from './products.mjs';

const tools = toolset(basketTools);

await serve((environment) => {
  const server = new McpServer({ name: 'shop', version: '1.0.0' });
  server.registerTool(
    'find_products',
    {
      description: 'Finds products by words.',
      inputSchema: z.object({ words: z.string().max(200) }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ words }) => {
      const lines = findProducts(words).map(({ sku, name, price }) => `${sku}: ${name}, ${euros(price)}`);
      const message = lines.join('\n') || 'No product fits these words.';
      // Some hosts show a model the text, and others the structured content. So both contain the message.
      return { content: [{ type: 'text', text: message }], structuredContent: { message } };
    },
  );
  registerTools(server, tools, environment);
  registerCatalogue(server, environment);
  return server;
});
