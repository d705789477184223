import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { preferLowMemory } from '../../base/low-memory.ts';
import { isSingleFile } from '../../base/single-file.ts';
import { openOperator } from '../../cluster/operator/open-operator.ts';
import { findCluster } from '../../kubernetes/config/find-cluster.ts';
import { openKubernetesClient } from '../../kubernetes/open-client.ts';
import { systemClock } from '../../net/clock.ts';
import { formatListenAddress } from '../../net/listen-address.ts';
import type { Network, NetworkOptions } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import { flagValue, registryRates } from '../admission/flags.ts';
import { durationKind } from '../config/kinds.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { databaseFolder } from '../database-folder.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { storedKeychainOf } from '../keychain.ts';
import { networkOptionsOf } from '../network.ts';
import { type OperatorFlags, operatorConfigOf } from '../operator/flags.ts';
import { keepDatabase } from '../operator/keep-database.ts';
import { runSelf } from '../operator/run-self.ts';
import { serverClouds } from '../server-clouds.ts';
import { serverLogger } from '../server-logger.ts';

/** Stored bytes of an image that is scanned, at most. */
const imageBytes = 20 * 2 ** 30;
/** How long what is under way may take to end, in milliseconds. */
const endTime = 15_000;

/** `operator serve`: keeps reports about all that a cluster runs, until it is interrupted. @throws ConfigError, KubernetesError, ListenError */
export async function operatorServeCommand(
  flags: OperatorFlags,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  // It waits most of the time, and what takes long happens in processes of their own.
  preferLowMemory();
  const logger = serverLogger(settings, host);
  const clock = systemClock;
  const { signal } = host;
  host.endWithin(endTime);
  const interval = flagValue('--database-update', flags.databaseUpdate, durationKind);
  const config = operatorConfigOf(flags);
  const { kubeconfig, context, namespace } = flags;
  const deps = { env: host.env, home: host.home, clock, logger, signal };
  const userAgent = `seaworthy-operator/${host.version}`;
  await using client = openKubernetesClient(await findCluster({ kubeconfig, context, namespace }, deps), {
    clock,
    logger,
    userAgent,
  });
  const rateOf = registryRates(flags);
  const options = {
    ...(await networkOptionsOf(settings, host)),
    logger,
    ...(rateOf === undefined ? {} : { rateOf }),
  };
  await using network = openNetwork(options);
  const opener = (changes: NetworkOptions): Network => openNetwork({ ...options, ...changes });
  const database = databaseFolder(settings);
  await using opened = await openOperator(
    {
      ...config,
      namespace: client.namespace,
      version: host.version,
      database,
      folder: join(settings.cacheDir, 'operator'),
      layerBytes: settings.cacheSize,
      imageBytes,
    },
    {
      client,
      network,
      machine: await storedKeychainOf(settings, host),
      clouds: serverClouds({ network, openNetwork: opener }, settings, host),
      apiServer: host.env['KUBERNETES_SERVICE_HOST'],
      identity: `${host.env['HOSTNAME'] ?? 'operator'}_${randomUUID()}`,
      cores: host.cores,
      clock,
      logger,
    },
  );
  const url = `http://${formatListenAddress(opened.server.address)}`;
  logger.info('The operator begins', { url });
  await host.stdout.write(`${url}\n`);
  const { execPath, execArgv, argv } = process;
  const update = (stop: AbortSignal): Promise<boolean> =>
    runSelf(
      { execPath, execArgv, argv, env: host.env, isSingleFile: isSingleFile() },
      [
        ['db', 'update', '--quiet', '--cache-dir', settings.cacheDir, '--db-source', settings.dbSource],
        settings.caCert.flatMap((file) => ['--ca-cert', file]),
      ].flat(),
      stop,
    );
  await Promise.all([
    opened.run(signal),
    interval === 0 ? undefined : keepDatabase({ folder: database, interval, update, clock, logger }, signal),
  ]);
  logger.info('The operator ends');
  // To be interrupted is how this command ends, and no failure: the shell's status says by what.
  return host.interruptStatus() ?? exitCode.ok;
}
