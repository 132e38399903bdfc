import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/server/index.ts';

const code = (text: string) => `\`${text}\``;

test('docs/reference/configuration.md has every setting (npm run docs:reference writes this page)', async () => {
  const rows = SETTINGS.map(({ flag, env, default: fallback, description, example }) => {
    const cells = [flag?.split(' ')[0], env.map(code).join(', '), fallback, description, example];
    const [name, variables, standard, meaning, sample] = cells;
    return `| ${name ? code(name) : ''} | ${variables} | ${standard ? code(standard) : ''} | ${meaning} | ${sample ? code(sample) : ''} |`;
  });
  const page = `# Configuration

\`npm run docs:reference\` writes this page from the table of settings.

If you set both the flag and the variable of a setting, the flag counts. If you set neither, the default counts. If the value of a setting is wrong, the server does not start; the error names the setting, says what is wrong, and gives an example. Programs that call \`serve()\` or \`serveStdio()\` read only the variables. The value of a variable can be in quotes, and words such as \`true\` can be in upper or lower case. The elements of a list can be separated by commas, spaces or line breaks. If the name of a variable begins with \`WAXSEAL_\` and Waxseal does not know the variable, the log warns of it when the server starts.

| flag | environment | default | meaning | example |
|---|---|---|---|---|
${rows.join('\n')}
`;
  await expect(page).toMatchFileSnapshot('../../docs/reference/configuration.md');
});
