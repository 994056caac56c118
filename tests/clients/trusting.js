// A fetch that trusts one certificate authority: Node.js' own takes no other than the system's.
import { request as send } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** Of no redirect, and of bodies that fit into memory. `ca` is PEM. */
export function fetchTrusting(ca) {
  return async (url, options) => {
    const request = new Request(url, options);
    const body = Buffer.from(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const answered = new Promise((resolve, reject) => {
      send(url, { ca, method: request.method, headers, signal: request.signal }, resolve)
        .once('error', reject)
        .end(body);
    });
    const answer = await answered;
    const received = await buffer(answer);
    return new Response(received.length === 0 ? null : received, {
      status: answer.statusCode,
      headers: Object.entries(answer.headersDistinct).flatMap(([name, own]) => own.map((value) => [name, value])),
    });
  };
}
