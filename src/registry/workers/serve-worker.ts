import cluster from 'node:cluster';
import { errorMessage } from '../../base/error.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { RegistryService } from '../service/start-service.ts';
import { WorkerError } from './error.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** Starts a registry from what the first process handed over. */
export type StartRegistry = (config: RegistryConfig, surroundings: unknown) => Promise<RegistryService>;

/**
 * Serves as one of several processes, until the first one says that it is over. Where that one is gone, `node:cluster` ends this one at
 * once, so that none is left behind.
 *
 * @throws WorkerError WORKER_FAILED when it was not started as one of several
 */
export async function serveAsWorker(start: StartRegistry): Promise<void> {
  const { worker } = cluster;
  if (worker === undefined) {
    throw new WorkerError('WORKER_FAILED', 'This is started by "seaworthy registry serve"; run that');
  }
  const tell = (message: FromWorker): void => void worker.send(message);
  // A message to a first process that is gone fails; that it is gone ends this one anyway.
  worker.on('error', () => undefined);
  const over = Promise.withResolvers<void>();
  let service: Promise<RegistryService> | undefined;
  const heed = async (message: ToWorker): Promise<void> => {
    switch (message.kind) {
      case 'start':
        service = start(message.config, message.surroundings);
        return tell({ kind: 'serving', url: (await service).url });
      case 'apply':
        await (await service)?.apply(message.config, message.isFirst);
        return tell({ kind: 'done', id: message.id });
      case 'refused':
        return (await service)?.refused();
      case 'measure':
        return tell({ kind: 'done', id: message.id, snapshot: (await (await service)?.measure(message.lookUp)) ?? [] });
      case 'stop':
        return over.resolve();
    }
  };
  worker.on('message', (message: ToWorker) => {
    heed(message).catch((error: unknown) => {
      const id = 'id' in message ? { id: message.id } : {};
      tell({ kind: 'failed', ...id, message: errorMessage(error) });
    });
  });
  tell({ kind: 'awake' });
  await over.promise;
  // One that could not start was told of.
  const started = await service?.catch(() => undefined);
  await started?.[Symbol.asyncDispose]();
  worker.disconnect();
}
