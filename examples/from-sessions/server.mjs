// @ts-check
/** The packing list of before.mjs, in a handle. */
import { createTool, defineKind, readTool, updateTool } from 'waxseal';
import { serve } from 'waxseal/server';
import * as z from 'zod';

const Item = z.string().min(1).max(100);

const list = defineKind({
  name: 'packing_list',
  version: 1,
  schema: z.strictObject({ items: z.array(Item) }),
  lifetime: 7 * 86_400,
  visible: true,
});

const start = createTool(list, 'start_list', { description: 'Starts a packing list.' }, () => ({
  state: { items: [] },
  text: 'On the list: nothing.',
}));

const pack = updateTool(
  list,
  'pack',
  { description: 'Puts something on the packing list.', inputSchema: { item: Item } },
  (before, { item }) => {
    const items = [...before.items, item];
    return { state: { items }, text: `On the list: ${items.join(', ')}.` };
  },
);

const show = readTool(list, 'show_list', { description: 'Shows the packing list.' }, ({ items }) => ({
  text: `On the list: ${items.join(', ') || 'nothing'}.`,
}));

await serve([start, pack, show], { name: 'packing', version: '2.0.0' });
