/** Returns the page about clients, in Markdown. @param results the content of `results.json` */
export function pageOf(results: object): string;
