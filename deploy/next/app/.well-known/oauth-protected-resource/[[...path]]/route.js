import { server } from '../../../../server.js';

// Where clients find out which authorization server to ask (RFC 9728). A 404 as long as there is none.
const answer = (request) => server.fetch(request);

export { answer as GET, answer as HEAD, answer as OPTIONS };
