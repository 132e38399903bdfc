import { Command } from 'commander';
import type { Listing, ToolDefinition } from '../kit/index.ts';

/** What a definition costs a model that has it in its context, in tokens. */
interface Cost {
  readonly name: string;
  readonly tokens: number;
}

type CountTokens = (text: string) => number;

/** `waxseal tools`: what the tools are, and what their definitions cost a model, in each mode of `--tools`. */
export function toolsCommand(): Command {
  return new Command('tools')
    .description('show the tools, and how many tokens their definitions cost a model in each mode of --tools')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nTokens are those of o200k, over the JSON of tools/list.')
    .action(async ({ json }: { json?: true }) => {
      const countTokens = await tokenizer();
      // Only now, so that the other commands start without the tools and the SDK below them.
      const [{ toolset }, { researchTools }] = await Promise.all([import('../kit/index.ts'), import('../research/index.ts')]);
      const listed = (list: Listing) => costs(list, toolset(researchTools, { list }).definitions, countTokens);
      const modes = (['all', 'search'] as const).map(listed);
      process.stdout.write(
        json ? `${JSON.stringify(Object.fromEntries(modes.map((mode) => [mode.list, mode])), null, 2)}\n` : print(modes),
      );
    });
}

/** Loaded here and nowhere else: it is large, and no server needs it. */
async function tokenizer(): Promise<CountTokens> {
  try {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    return countTokens;
  } catch {
    throw new Error(
      'counting tokens needs a package that is not installed with this one, for its size. Install it with: npm install gpt-tokenizer',
    );
  }
}

function costs(list: Listing, definitions: readonly ToolDefinition[], countTokens: CountTokens) {
  const tools = definitions.map((definition): Cost => ({ name: definition.name, tokens: countTokens(JSON.stringify(definition)) }));
  return { list, total: countTokens(JSON.stringify(definitions)), tools };
}

function print(modes: readonly ReturnType<typeof costs>[]): string {
  const row = (name: string, tokens: number) => `  ${name.padEnd(24)}${String(tokens).padStart(6)}`;
  const blocks = modes.map(({ list, total, tools }) =>
    [`--tools ${list}`, ...tools.map(({ name, tokens }) => row(name, tokens)), row('the whole list', total)].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}
