import { SigningError } from '../../error.ts';
import { signingLimits } from '../../limits.ts';
import { callGrpc } from '../../../net/grpc.ts';
import { isNetError } from '../../../net/error.ts';
import { encodeField, readFields } from '../proto-wire.ts';
import type { TokenSource } from './source.ts';

/** Where SPIRE's agent listens. */
const usualSocket = '/tmp/spire-agent/public/api.sock';

/** SPIFFE Workload API, section 6.2.2: `FetchJWTSVID`. */
const path = '/SpiffeWorkloadAPI/FetchJWTSVID';

const timeoutMs = 10_000;

/** A workload's own identity from the SPIFFE agent of its machine. */
export const spiffeSource: TokenSource = {
  id: 'spiffe',
  async find({ env, audience, hasSocket }, signal) {
    const named = env['SPIFFE_ENDPOINT_SOCKET'] || undefined;
    const socketPath = named === undefined ? usualSocket : socketOf(named);
    if (named === undefined && !(await hasSocket(usualSocket))) return undefined;
    try {
      const { status, statusMessage, message } = await callGrpc({
        socketPath,
        path,
        // SPIFFE Workload Endpoint, section 5: guards against forged requests from browsers.
        metadata: { 'workload.spiffe.io': 'true' },
        message: encodeField(1, Buffer.from(audience)),
        maxBytes: signingLimits.answerBytes,
        timeoutMs,
        signal,
      });
      if (status !== 0) throw unavailable(`it answered with status ${status}: ${statusMessage.slice(0, 200)}`);
      const svid = readFields(message).find(({ field }) => field === 1);
      const token = svid === undefined ? undefined : readFields(svid.bytes).find(({ field }) => field === 2);
      if (token === undefined) throw unavailable('its answer holds no token');
      return token.bytes.toString('utf8');
    } catch (cause) {
      if (!isNetError(cause)) throw cause;
      throw unavailable(cause.message, cause);
    }
  },
};

/** SPIFFE Workload Endpoint, section 4: `unix:///path`. */
function socketOf(address: string): string {
  const match = /^unix:(?:\/\/)?(\/.+)$/.exec(address);
  if (match !== null) return match[1] as string;
  throw unavailable('SPIFFE_ENDPOINT_SOCKET is no local socket; write it as unix:///path');
}

function unavailable(why: string, cause?: unknown): SigningError {
  return new SigningError(
    'IDENTITY_TOKEN_UNAVAILABLE',
    `The SPIFFE agent gives no token: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}
