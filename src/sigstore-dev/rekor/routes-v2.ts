import type { FaultPlan } from '../fault.ts';
import { answerOf, jsonAnswer } from '../http/message.ts';
import { grpcRefusal } from '../http/refusal.ts';
import type { Service } from '../http/router.ts';
import { parseRequest } from '../json/fields.ts';
import { checkEntryV2 } from './entry-v2.ts';
import type { LogV2 } from './log-v2.ts';
import { parseTileName } from './tile.ts';

/** Rekor's second API (rekor/v2/rekor_service.proto): one way to write, and tiles to read. */
export function rekorV2Service(log: LogV2, takesEnvelopes: boolean, faults: FaultPlan): Service {
  return {
    name: 'rekor-v2',
    refuse: grpcRefusal,
    routes: [
      {
        method: 'POST',
        path: '/api/v2/log/entries',
        handle: ({ body }) => {
          const answer = log.add(checkEntryV2(parseRequest(body), takesEnvelopes));
          return jsonAnswer(201, faults.spoils('rekor.protocol') ? { logIndex: '-1' } : answer);
        },
      },
      {
        method: 'GET',
        path: '/api/v2/checkpoint',
        handle: () => answerOf('text/plain; charset=utf-8', log.checkpoint()),
      },
      {
        method: 'GET',
        path: '/api/v2/tile/*name',
        handle: (_request, { name = '' }) => answerOf('application/octet-stream', log.tile(parseTileName(name))),
      },
    ],
  };
}
