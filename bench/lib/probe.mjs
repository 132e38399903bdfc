/**
 * Measures a server from within. Node loads this module before every server (`--import`), so all are measured alike. On
 * request over IPC, it sends the process's CPU time, and its memory after a garbage collection.
 */
import cluster from 'node:cluster';

// Only the first of several processes answers: its workers need their IPC channel for other messages.
if (!cluster.isWorker) answerQuestions();

function answerQuestions() {
  process.on('message', ({ question, id }) => {
    if (question === 'memory') {
      // The second collection frees objects whose finalizers ran after the first.
      globalThis.gc();
      globalThis.gc();
    }
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ id, cpuMs: (user + system) / 1000, rss, heapUsed });
  });
  process.channel?.unref();
}
