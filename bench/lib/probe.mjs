/**
 * Measures a server from within. Every server loads this module before it starts (`--import`), so all are measured alike.
 * On request over IPC it tells the CPU time that the process has used, and its memory after a garbage collection.
 */
import cluster from 'node:cluster';

// The workers of a server that is several processes have that channel to the server's first process, and need it.
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
