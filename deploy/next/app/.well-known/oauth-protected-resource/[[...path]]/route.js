import { server } from '../../../../server.js';

// Tells clients which authorization server to use (RFC 9728). If the server requires no authorization, the answer is 404.
const answer = (request) => server.fetch(request);

export { answer as GET, answer as HEAD, answer as OPTIONS };
