/** The configuration of the site. Search runs in the browser, on an index that the build makes. */

/** Lets wide tables show more of their columns beside both sidebars. */
const STYLE = `
  .VPDoc.has-aside .content-container { max-width: 780px !important; }
  .vp-doc table { font-size: 14px; }
  .vp-doc th, .vp-doc td { padding: 6px 10px; }
`;

export default {
  title: 'Waxseal',
  description: 'An MCP server that keeps no store, and a kit for writing such servers.',
  cleanUrls: false,
  lastUpdated: false,
  // Without an icon, the browser would ask for /favicon.ico, which the site does not have.
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['style', {}, STYLE],
  ],
  markdown: { theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [{ text: 'Changelog', link: '/CHANGELOG' }],
    sidebar: [
      { text: 'Start', link: '/' },
      {
        text: 'Operate',
        items: [
          { text: 'A server', link: '/docs/operate' },
          { text: 'Deploying', link: '/docs/deploy' },
          { text: 'Tested hosts', link: '/docs/hosts' },
          { text: 'Configuration', link: '/docs/reference/configuration' },
          { text: 'Command line', link: '/docs/reference/command-line' },
          { text: 'Performance', link: '/docs/performance' },
        ],
      },
      {
        text: 'Write tools',
        items: [
          { text: 'The kit', link: '/docs/kit' },
          { text: 'Errors', link: '/docs/reference/errors' },
          { text: 'Research tools', link: '/docs/research-tools' },
          { text: 'From sessions', link: '/docs/from-sessions' },
          { text: 'requestState alone', link: '/docs/request-state' },
          { text: 'Examples', link: '/examples/' },
        ],
      },
      {
        text: 'Clients and logs',
        items: [
          { text: 'Hosts and clients', link: '/docs/clients' },
          { text: 'The wallet', link: '/docs/wallet' },
          { text: 'Audit and inspect', link: '/docs/audit-and-inspect' },
          { text: 'Conformance', link: '/docs/conformance' },
        ],
      },
      {
        text: 'Security',
        items: [
          { text: 'Summary', link: '/SECURITY' },
          { text: 'Threat model', link: '/docs/threat-model' },
          { text: 'The format', link: '/docs/handle-format' },
          { text: 'Formal model', link: '/docs/model/' },
        ],
      },
      {
        text: 'Waxseal itself',
        items: [
          { text: 'Contributing', link: '/CONTRIBUTING' },
          { text: 'Architecture', link: '/docs/architecture' },
          { text: 'Decisions', link: '/docs/decisions/' },
          { text: 'Public interface', link: '/docs/api/' },
        ],
      },
    ],
  },
};
