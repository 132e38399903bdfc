import { server } from '../../../server.js';

const answer = (request) => server.fetch(request);

export { answer as DELETE, answer as GET, answer as HEAD, answer as OPTIONS, answer as POST };
