// Which mode answers which request: the rules of the specifications, written down a second time
// so that the server is not measured with its own ruler.
import { RESPONSE_MODES } from './client.js';

/** The mode of a request without `response_mode`. */
export const ABSENT = undefined;
export const REQUESTED_MODES = [ABSENT, ...RESPONSE_MODES];

/** Whether a response type puts a token into the authorization response. */
export function carriesToken(responseType) {
  return responseType.split(' ').some((value) => value === 'token' || value === 'id_token');
}

/**
 * The mode in which the answer comes, and the error if the combination is refused; `encrypted` says
 * whether the client has registered a key management algorithm.
 */
export function expected(responseType, requestedMode, { encrypted = false } = {}) {
  const inFront = carriesToken(responseType);
  const usual = inFront ? 'fragment' : 'query';
  switch (requestedMode) {
    case ABSENT: return { mode: usual };
    case 'jwt': return { mode: `${usual}.jwt` };
    case 'query': return inFront ? { mode: usual, error: 'invalid_request' } : { mode: 'query' };
    case 'query.jwt': return { mode: 'query.jwt', ...(inFront && !encrypted && { error: 'invalid_request' }) };
    default: return { mode: requestedMode };
  }
}

/** The response parameters of a success: those that must be there, and those that may. */
export function expectedParameters(responseType) {
  const values = responseType.split(' ');
  return {
    required: [
      'iss', 'state',
      ...(values.includes('code') ? ['code'] : []),
      ...(values.includes('id_token') ? ['id_token'] : []),
      ...(values.includes('token') ? ['access_token', 'token_type', 'expires_in'] : []),
    ],
    allowed: values.includes('token') ? ['scope'] : [],
  };
}
