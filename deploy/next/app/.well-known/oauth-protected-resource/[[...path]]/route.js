import { server } from '../../../../server.js';

// Tells clients which authorization server to use (RFC 9728). Without authorization this answers 404.
const answer = (request) => server.fetch(request);

export { answer as GET, answer as HEAD, answer as OPTIONS };
