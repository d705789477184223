import { RefusedError } from '../error.ts';
import { answerOf } from '../http/message.ts';
import { codedRefusal } from '../http/refusal.ts';
import type { Service } from '../http/router.ts';
import type { TufRepository } from './repository.ts';

/** The repository's files below `/tuf`. */
export function tufService(repository: TufRepository): Service {
  return {
    name: 'tuf',
    refuse: codedRefusal,
    routes: [
      {
        method: 'GET',
        path: '/tuf/*path',
        handle: (_request, { path = '' }) => {
          const bytes = repository.file(path);
          if (bytes === undefined) throw new RefusedError('NOT_FOUND', 'The repository has no such file');
          return answerOf('application/octet-stream', bytes);
        },
      },
    ],
  };
}
