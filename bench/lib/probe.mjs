/**
 * Measures a server from within. Every server loads this module before it starts (`--import`), so all are measured alike.
 * On request over IPC, it sends the CPU time that the process has used, and its memory after a garbage collection.
 */
import cluster from 'node:cluster';

// In a server of several processes, the workers use this channel to talk to the server's first process.
if (!cluster.isWorker) answerQuestions();

function answerQuestions() {
  process.on('message', ({ question, id }) => {
    if (question === 'memory') {
      // The second collection frees the objects whose finalizers ran after the first.
      globalThis.gc();
      globalThis.gc();
    }
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ id, cpuMs: (user + system) / 1000, rss, heapUsed });
  });
  process.channel?.unref();
}
