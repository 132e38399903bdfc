/** The page about clients, in Markdown. @param results what `run.mjs` keeps */
export function pageOf(results: object): string;
