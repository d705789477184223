import { formatPem } from '../../codec/pem/pem.ts';
import { RefusedError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { answerOf, type DevAnswer, type DevRequest } from '../http/message.ts';
import { codedRefusal } from '../http/refusal.ts';
import type { Service } from '../http/router.ts';
import { parseRequest } from '../json/fields.ts';
import type { TimeAuthority } from './authority.ts';
import { parseJsonRequest, parseTimestampRequest } from './timestamp-request.ts';

const reply = 'application/timestamp-reply';

/**
 * Sigstore's timestamp authority (RFC 3161, 3.4, and openapi.yaml of timestamp-authority). Clients that are made of that
 * document, such as cosign's, take 201 alone, and say what they accept; others, such as notation's, take 200 alone.
 */
export function tsaService(authority: TimeAuthority, faults: FaultPlan): Service {
  const stamp = ({ headers, body }: DevRequest): DevAnswer => {
    const [type] = (headers['content-type'] ?? '').split(';', 1);
    if (type !== 'application/timestamp-query' && type !== 'application/json') {
      throw new RefusedError(
        'REQUEST_INVALID',
        'The request is neither application/timestamp-query nor application/json',
      );
    }
    const request = type === 'application/json' ? parseJsonRequest(parseRequest(body)) : parseTimestampRequest(body);
    const bytes = faults.spoils('tsa.protocol') ? Buffer.from('nothing of the kind') : authority.stamp(request);
    return answerOf(reply, bytes, headers.accept === reply ? 201 : 200);
  };
  const chain = (): string => authority.chain.map((bytes) => formatPem({ label: 'CERTIFICATE', bytes })).join('');
  return {
    name: 'tsa',
    refuse: codedRefusal,
    routes: [
      { method: 'POST', path: '/api/v1/timestamp', handle: stamp },
      {
        method: 'GET',
        path: '/api/v1/timestamp/certchain',
        handle: () => answerOf('application/pem-certificate-chain', chain()),
      },
    ],
  };
}
