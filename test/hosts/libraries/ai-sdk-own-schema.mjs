// Runs the AI SDK's agent loop with an `outputSchema` that lacks the handle.
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount } from 'ai';
import { z } from 'zod';

const [modelUrl, url, , prompt] = process.argv.slice(2);
const client = await createMCPClient({ transport: { type: 'http', url } });
try {
  const openai = createOpenAI({ baseURL: `${modelUrl}/v1`, apiKey: 'none' });
  const tools = await client.tools({
    schemas: {
      start_research_task: {
        inputSchema: z.object({ topic: z.string(), depth: z.number() }),
        outputSchema: z.object({ status: z.string() }),
      },
    },
  });
  await generateText({ model: openai('gpt-5'), tools, prompt, stopWhen: isStepCount(30) });
} finally {
  await client.close();
}
