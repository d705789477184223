import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { Logger } from '../../base/logger.ts';
import { GuardedNetwork } from '../../evidence/reach/guarded-network.ts';
import type { ReachSettings } from '../../evidence/reach/model.ts';
import { PoliteNetwork } from '../../evidence/reach/polite-network.ts';
import { RegistryReach } from '../../evidence/reach/registry-reach.ts';
import { Repositories } from '../../evidence/reach/repositories.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Leader } from '../../kubernetes/leader/leader.ts';
import type { Clock } from '../../net/clock.ts';
import type { ListenAddress } from '../../net/listen-address.ts';
import type { Network } from '../../net/network.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { removeStrays } from '../../scan/cache/remove-strays.ts';
import { DatabaseWatch } from '../../scan/process/database-watch.ts';
import { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import type { WorkerOptions } from '../../scan/process/pool/worker-process.ts';
import { workerProgram } from '../../scan/process/pool/worker-program.ts';
import { accessKeychain, type CredentialSources } from '../../workload/credentials/access-keychain.ts';
import { clusterSecrets } from '../../workload/credentials/cluster-secrets.ts';
import { operatorLimits as limits } from './limits.ts';
import { imageSeries } from './metrics/image-series.ts';
import { OperatorMetrics } from './metrics/operator-metrics.ts';
import { Operator, type OperatorSettings } from './operator.ts';
import { ownLabel } from './report/report-object.ts';
import { accountSecrets } from './scan/account-secrets.ts';
import { ImageScanner } from './scan/image-scanner.ts';
import { KeptImages } from './scan/kept-images.ts';
import { openOperatorServer, type OperatorServer } from './serve/open-operator-server.ts';

/** What an operator is told by whoever runs it. */
export interface OperatorConfig extends Omit<OperatorSettings, 'width'> {
  readonly listen: ListenAddress;
  /** Where its Lease is. */
  readonly namespace: string;
  /** Folder of the vulnerability database. */
  readonly database: string;
  /** Where layers, and what was read of images, are kept; bytes of layers. */
  readonly folder: string;
  readonly layerBytes: number;
  /** Processes that scan; what one scan may take: bytes of memory, milliseconds, and stored bytes of the image. */
  readonly workers: number;
  readonly memoryBytes: number;
  readonly timeMs: number;
  readonly imageBytes: number;
  /** `namespace/name` of Secrets, and clouds, whose credentials count for all images. */
  readonly pullSecrets: readonly string[];
  readonly providers: readonly string[];
  readonly reach: ReachSettings;
}

/** What an operator is given. */
export interface OperatorSurroundings {
  readonly client: KubernetesClient;
  readonly network: Network;
  /** What the machine itself has for registries. */
  readonly machine: Keychain;
  /** What this process is at clouds. */
  readonly clouds: CredentialSources['clouds'];
  /** Where the API server is for pods of its cluster, which no name of an image leads to. */
  readonly apiServer?: string | undefined;
  /** Of this process, and of no other. */
  readonly identity: string;
  readonly cores: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where processes come from; tests lend those of one pool. */
  readonly openPool?: (width: number, options: WorkerOptions) => ScanPool;
}

/** An operator of a cluster. */
export interface OpenOperator extends AsyncDisposable {
  readonly server: OperatorServer;
  readonly operator: Operator;
  readonly leader: Leader;
  /** Works until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Of its Lease, its objects and its role. */
const operatorName = 'seaworthy-operator';

/** Puts an operator together, and serves what it tells. @throws ListenError */
export async function openOperator(config: OperatorConfig, surroundings: OperatorSurroundings): Promise<OpenOperator> {
  const { client, clock, logger, identity, cores, openPool } = surroundings;
  await using opened = new AsyncDisposableStack();
  const layers = join(config.folder, 'layers');
  // What workers were writing when they were killed.
  await removeStrays(layers);
  const options: WorkerOptions = {
    program: workerProgram(),
    memoryBytes: config.memoryBytes,
    cores,
    readable: [config.database],
    writable: [layers],
    clock,
    logger,
  };
  const pool = opened.use((openPool ?? ((width, how) => new ScanPool(width, how)))(config.workers, options));
  const metrics = new OperatorMetrics(new Registry());
  const kept = new KeptImages(join(config.folder, 'images'), limits.keptBytes, () => clock.now());
  const database = new DatabaseWatch(config.database, logger);
  const scanner = new ImageScanner({
    scan: {
      pool,
      time: config.timeMs,
      imageBytes: config.imageBytes,
      task: {
        database: config.database,
        reading: { width: Math.max(1, Math.min(2, cores)), onThreads: true },
        cache: { folder: layers, maxBytes: config.layerBytes },
      },
    },
    kept,
    repositories: new Repositories(registryOpener(config, surroundings), clock),
    accountSecrets: accountSecrets(client, clock),
    version: config.version,
    clock,
    observe: metrics.looked,
  });
  const live: { operator?: Operator } = {};
  const leader = new Leader({
    client,
    namespace: config.namespace,
    name: operatorName,
    labels: { [ownLabel.name]: ownLabel.value },
    identity,
    clock,
    logger,
    onChange: () => live.operator?.nudge(),
  });
  const operator = new Operator(
    { ...config, width: config.workers },
    {
      client,
      clock,
      logger,
      leads: () => leader.leads,
      scanner,
      kept,
      database,
      wrote: metrics.wrote,
      failed: () => metrics.looked('failed'),
    },
  );
  live.operator = operator;
  metrics.tell(operator, () => leader.leads);
  const server = opened.use(
    await openOperatorServer(config.listen, {
      notReady: () => operator.notReady,
      async *metrics() {
        yield await metrics.registry.metrics();
        yield* imageSeries(operator.state, (key) => operator.isReported(key));
      },
      logger,
    }),
  );
  const held = opened.move();
  return {
    server,
    operator,
    leader,
    run: async (signal) => void (await Promise.all([leader.run(signal), operator.run(signal)])),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function registryOpener(
  { pullSecrets, providers, reach }: OperatorConfig,
  { client, network, machine, clouds, clock, logger, apiServer }: OperatorSurroundings,
): ConstructorParameters<typeof Repositories>[0] {
  const plainHttp = (host: string): ReturnType<Network['plainHttp']> => network.plainHttp(host);
  const within = new RegistryReach(reach, { clock, logger, plainHttp, apiServer });
  const polite = new PoliteNetwork(network);
  const sources: CredentialSources = {
    secret: clusterSecrets(client, clock),
    globalSecrets: pullSecrets,
    globalProviders: providers,
    machine,
    clouds,
  };
  return (registry, access, namedBy) => {
    const guarded = new GuardedNetwork(polite, within, { registry, namedBy, plainHttp: access.plainHttp });
    return new RegistryClient(guarded, registry, { keychain: accessKeychain(access, sources), logger });
  };
}
