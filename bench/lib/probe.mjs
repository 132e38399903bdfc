/**
 * Loaded into every server before it starts (`--import`), so that all are measured from within, alike: asked over the
 * channel to its parent, it tells the CPU time that the process has used, and what it holds once garbage is collected.
 */
process.on('message', ({ question, id }) => {
  if (question === 'memory') {
    // What the first leaves, finalizers among it, the second takes.
    globalThis.gc();
    globalThis.gc();
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ id, cpuMs: (user + system) / 1000, rss, heapUsed });
});
process.channel?.unref();
