/**
 * Measures a server from within the server's process. Node loads this module before every server (`--import`), so all servers
 * are measured alike. On request over IPC, the module sends the CPU time that the process has used, and the memory of the
 * process after a garbage collection.
 */
import cluster from 'node:cluster';

// If a server has several processes, only the first process answers. Its workers need their IPC channel for other messages.
if (!cluster.isWorker) answerQuestions();

function answerQuestions() {
  process.on('message', ({ question, id }) => {
    if (question === 'memory') {
      // The second collection frees the objects whose finalizers ran after the first collection.
      globalThis.gc();
      globalThis.gc();
    }
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ id, cpuMs: (user + system) / 1000, rss, heapUsed });
  });
  process.channel?.unref();
}
