import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { Operator, type OperatorParts, type OperatorSettings } from '../../src/cluster/operator/operator.ts';
import { sbomReportDefinition, vulnerabilityReportDefinition } from '../../src/cluster/operator/report/definitions.ts';
import { ImageScanner } from '../../src/cluster/operator/scan/image-scanner.ts';
import { KeptImages } from '../../src/cluster/operator/scan/kept-images.ts';
import { Repositories } from '../../src/evidence/reach/repositories.ts';
import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import type { Clock } from '../../src/net/clock.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import { DatabaseWatch } from '../../src/scan/process/database-watch.ts';
import { buildDatabase } from '../../src/vulndb/build.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { podOf, type TestPod } from '../kubernetes/cluster/objects.ts';
import type { FakeApiServerOptions } from '../kubernetes/fake-api-server.ts';
import { clientOf, type KubernetesLab, kubernetesLab } from '../kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../kubernetes/resource-types.ts';
import { makeSyntheticImage, storeImage } from '../registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../registry/test-registry.ts';
import { sharedWorkers } from '../scanning/shared-workers.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../vulnerability-database.ts';
import { fastClock } from './fast-clock.ts';

/** How many times as fast time goes for an operator of a test. */
const speed = 100;

/** An operator that works, and what it did. */
export interface RunningOperator {
  readonly operator: Operator;
  /** `VulnerabilityReport written`, in order. */
  readonly outcomes: string[];
  /** How images were looked at, and codes of failures. */
  readonly looks: string[];
  /** Whether it leads. */
  leads: boolean;
  /** Ends it. */
  readonly stop: () => Promise<void>;
}

/** A cluster, a registry and a vulnerability database, and whatever operators are started. */
export interface OperatorWorld extends AsyncDisposable {
  readonly lab: KubernetesLab;
  readonly registry: TestRegistry;
  readonly clock: Clock;
  /** Where all of it is kept, and in that the database. */
  readonly folder: string;
  readonly database: string;
  /** Has the database know flaws of musl before 1.2.4-r3. */
  readonly know: (ids: readonly string[], builtAt?: string) => Promise<void>;
  /** Stores an image with musl, and gives its digest; each name is another image. */
  readonly image: (name: string) => string;
  /** Has a Pod run images: `container` → what {@link image} gave it by this name. */
  readonly run: (pod: Omit<TestPod, 'containers'>, images: Readonly<Record<string, string>>) => void;
  readonly start: (
    settings?: Partial<OperatorSettings>,
    parts?: Partial<OperatorParts> & { readonly folder?: string },
  ) => Promise<RunningOperator>;
  /** The reports that there are, by `resource namespace/name`. */
  readonly reports: (resource?: string) => ReadonlyMap<string, KubernetesObject>;
  /** How often each report was changed, by its type and key. */
  readonly written: ReadonlyMap<string, number>;
  /** Waits until something holds. */
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
}

/** Opens one. */
export async function openOperatorWorld(options: FakeApiServerOptions = {}): Promise<OperatorWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  const network = opened.use(openNetwork());
  const registry = opened.use(await startTestRegistry());
  const clock = fastClock(speed, Date.parse('2026-11-28T00:00:00Z'));
  const lab = opened.use(await kubernetesLab({ clientClock: clock, ...options }));
  const { api } = lab;
  for (const definition of [vulnerabilityReportDefinition(), sbomReportDefinition()]) {
    api.seed(builtInTypes.customResourceDefinitions, definition);
  }
  const database = join(folder.path, 'vulndb');
  const images = new Map<string, string>();
  const written = new Map<string, number>();
  api.store.listen(({ type, key }) => {
    if (!type.startsWith('aquasecurity.github.io/')) return;
    const name = `${type} ${key}`;
    written.set(name, (written.get(name) ?? 0) + 1);
  });
  const running: RunningOperator[] = [];
  opened.defer(async () => void (await Promise.all(running.map((one) => one.stop()))));

  async function start(
    settings: Partial<OperatorSettings> = {},
    { folder: kept = 'kept', ...parts }: Partial<OperatorParts> & { readonly folder?: string } = {},
  ): Promise<RunningOperator> {
    const over = new AbortController();
    const outcomes: string[] = [];
    const looks: string[] = [];
    const client = await clientOf(api, { clock });
    const keptImages = new KeptImages(join(folder.path, kept), 2 ** 28, () => clock.now());
    const pool = sharedWorkers();
    const scanner = new ImageScanner({
      scan: { pool, time: 60_000, imageBytes: 2 ** 30, task: { database, reading: { width: 1, onThreads: true } } },
      kept: keptImages,
      repositories: new Repositories((host) => new RegistryClient(network, host), clock),
      accountSecrets: () => Promise.resolve([]),
      version: '1.0.0',
      clock,
      observe: (how) => void looks.push(how),
    });
    const self: { leads: boolean } = { leads: true };
    const operator = new Operator(
      { width: 2, age: 86_400_000, sboms: true, hasNamespace: () => true, version: '1.0.0', ...settings },
      {
        client,
        clock,
        logger: silentLogger,
        leads: () => self.leads,
        scanner,
        kept: keptImages,
        database: new DatabaseWatch(database, silentLogger),
        wrote: ({ kind }, outcome) => void outcomes.push(`${kind} ${outcome}`),
        failed: (code) => void looks.push(code),
        ...parts,
      },
    );
    const work = operator.run(over.signal);
    let stopped: Promise<void> | undefined;
    const made: RunningOperator = {
      operator,
      outcomes,
      looks,
      get leads() {
        return self.leads;
      },
      set leads(leads) {
        self.leads = leads;
        operator.nudge();
      },
      stop() {
        stopped ??= (async () => {
          over.abort(new Error('it was stopped'));
          await work;
          await client[Symbol.asyncDispose]();
        })();
        return stopped;
      },
    };
    running.push(made);
    return made;
  }

  function image(name: string): string {
    const known = images.get(name);
    if (known !== undefined) return known;
    const files = {
      'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
      'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
      'etc/name': name,
    };
    const digest = storeImage(registry.store, `team/${name}`, 'v1', makeSyntheticImage([files]));
    images.set(name, digest);
    return digest;
  }

  const kept = opened.move();
  return {
    lab,
    registry,
    clock,
    folder: folder.path,
    database,
    written,
    async know(ids, builtAt = '2026-11-27T07:00:00Z') {
      const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
      const advisories = ids.map((id) => makeAdvisory({ id, affected, summary: `flaw ${id}` }));
      const update = advisoryUpdate(advisories, { fingerprint: builtAt });
      await buildDatabase(database, [update], { clock: () => new Date(builtAt) });
    },
    image,
    run(pod, containers) {
      const named = Object.entries(containers).map(([container, name]) => ({
        name: container,
        image: `${registry.host}/team/${name}:v1`,
        imageId: `${registry.host}/team/${name}@${image(name)}`,
      }));
      api.seed(builtInTypes.pods, podOf({ ...pod, containers: named }));
    },
    start,
    reports(resource = 'vulnerabilityreports') {
      const list = api.store.list(`aquasecurity.github.io/v1alpha1/${resource}`);
      return new Map(list.map(([key, object]) => [key, object]));
    },
    async until(what, holds) {
      for (let round = 0; round < 3000; round += 1) {
        if (holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`it did not happen: ${what}`);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
