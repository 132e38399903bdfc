import { identity } from '../../src/cli/io/server.ts';
import { toolset } from '../../src/kit/index.ts';
import { researchTools } from '../../src/research/index.ts';
import { type ServerFactory, toolServer } from '../../src/server/index.ts';

/** Makes servers with the research tools, as `waxseal serve` does. */
export const researchServer: ServerFactory = toolServer(toolset(researchTools), identity);
