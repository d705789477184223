import { KubernetesFacts } from '../../admission/cluster/cluster-facts.ts';
import { isOfPolicyGroup } from '../../policy/dialects/policy-groups.ts';
import { GlobalContext } from '../../admission/global-context/global-context.ts';
import type { ResourceJudgeParts } from '../../admission/resource/judge-resource.ts';
import { clusterKeys } from '../../admission/service/cluster-keys.ts';
import { imageDataOf } from '../../admission/source/image-data.ts';
import { KeyedPolicies } from '../../admission/source/keyed-policies.ts';
import { type FindingSource, RegistrySource } from '../../admission/source/registry-source.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { kmsKeyLookup, type KeyLookup } from '../../evidence/key-lookup.ts';
import type { Repositories } from '../../evidence/reach/repositories.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import type { CompiledTexts } from '../../policy/dialects/model.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { strictStyle } from '../../policy/kyverno/style.ts';
import { policyFiles, readPolicyFiles } from '../admission/policy-files.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { PipelineJudge } from '../policy/pipeline-judge.ts';
import { TrustSource } from '../policy/trust-source.ts';
import { readBounded } from '../read-bounded.ts';
import { loggerOf } from '../logger.ts';
import { SigningSession } from '../signing/session.ts';

/** Bytes of a file with a key. */
const maxKeyBytes = 65_536;

/** Reads policies as the webhook does. @throws ConfigError SETTING_INVALID for mistakes, and for policies of kinds that are not known */
export async function readClusterPolicies(files: readonly string[], host: Host): Promise<CompiledTexts> {
  const made = await compileTexts(await readPolicyFiles(await policyFiles(files, host.cwd)), {
    kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno' },
    keyFile: async (path) => (await readBounded(path, maxKeyBytes, host.signal)).toString('utf8'),
  });
  const wrong = [
    ...made.mistakes.map(({ file, ...mistake }) => formatMistake(file, mistake)),
    ...made.others
      .filter(({ apiVersion }) => isOfPolicyGroup(apiVersion))
      .map(({ file, line, kind, apiVersion }) => `${file}:${line}: ${kind} of ${apiVersion} is not judged by here`),
  ];
  if (wrong.length > 0) {
    throw new ConfigError(
      'SETTING_INVALID',
      `The policies are wrong; mend them, or leave them out:\n${wrong.join('\n')}`,
    );
  }
  if (made.policies.length > 0) return made;
  throw new ConfigError('SETTING_INVALID', 'There is no policy about objects of a cluster in the files of --policy');
}

/** What policies about objects of a cluster are judged with. */
export interface PolicySurroundings {
  readonly client: KubernetesClient;
  readonly repositories: Repositories;
  readonly findings: FindingSource;
  /** Of images of an index of which facts are asked: `linux/amd64`. */
  readonly platform: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Opens it. @param opened closes it again @throws ConfigError, SigningError */
export async function openPolicyParts(
  { client, repositories, findings, platform, clock, signal }: PolicySurroundings,
  { globalEntries = [] }: Pick<CompiledTexts, 'globalEntries'>,
  settings: Settings,
  host: Host,
  opened: AsyncDisposableStack,
): Promise<ResourceJudgeParts> {
  const logger = loggerOf(settings, host);
  const over = new AbortController();
  opened.defer(() => over.abort());
  const ends = AbortSignal.any([signal, over.signal]);
  const session = opened.use(new SigningSession({ ...settings, timeout: 0 }, { ...host, signal }));
  const trust = new TrustSource(settings, host, await session.network(), signal);
  const services = kmsKeyLookup(await session.keyDeps());
  const secrets = clusterKeys(client);
  const lookup: KeyLookup = (reference) => (reference.startsWith('k8s://') ? secrets(reference) : services(reference));
  const keyed = new KeyedPolicies(lookup, clock);
  const source = new RegistrySource({
    repositories,
    clock,
    trust: () => ({ trust: trust.current, revision: '' }),
    platforms: [],
    findings,
  });
  // Each image is judged once by each policy, however many Pods have it.
  const judge = new PipelineJudge(source, () => clock.now());
  const globals = new GlobalContext({ client, clock, logger, naming: usualNaming });
  globals.run(ends).catch(() => undefined);
  globals.takeFiles(globalEntries);
  const facts = new KubernetesFacts(
    {
      client,
      clock,
      logger,
      imageData: (asked, stop) => imageDataOf({ repositories, clock, platform: parsePlatform(platform) }, asked, stop),
      globalReference: (name, stop) => globals.look(name, stop),
    },
    ends,
  );
  return {
    facts,
    names: judge,
    images: judge,
    keys: {
      async of(policy, stop) {
        const found = await keyed.of(policy, stop);
        if (found.state === 'known') await trust.prepare(found.value);
        return found;
      },
    },
    clock,
  };
}
