import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'bench', 'keys', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // A template's links are relative to the page made from it.
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules') && name !== 'runtimes/hosts-page.md')
      .map((name) => join(folder, name)),
  ),
];

/** GitHub's anchor for a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsIn(page: string): ReadonlySet<string> {
  const prose = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

describe('links within the documents', () => {
  test.each(pages)('lead from %s to existing files and headings', (page) => {
    const prose = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(file), `${page} → ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(file), `${page} → ${target}`).toContain(anchor);
    }
  });

  test('lead from the menu of the site to existing pages', () => {
    const links = [...readFileSync('docs/site/config.mjs', 'utf8').matchAll(/link: '\/([^']*)'/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) expect(existsSync(link === '' || link.endsWith('/') ? `${link}README.md` : `${link}.md`), link).toBe(true);
  });

  test('lead from the README to every page of docs/', () => {
    const seen = new Set<string>();
    const visit = (page: string) => {
      if (seen.has(page)) return;
      seen.add(page);
      for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        const file = join(dirname(page), target);
        if (target.endsWith('.md') && existsSync(file)) visit(file);
        else if (target.endsWith('/') && existsSync(join(file, 'README.md'))) visit(join(file, 'README.md'));
      }
    };
    visit('README.md');
    expect(pages.filter((page) => page.startsWith('docs/') && !seen.has(page))).toEqual([]);
  });
});
