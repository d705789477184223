import { KeyedPolicies } from '../../admission/source/keyed-policies.ts';
import { Repositories } from '../../evidence/reach/repositories.ts';
import { kmsKeyLookup } from '../../evidence/key-lookup.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { hostPlatform, type Platform } from '../../oci/platform.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { Decision } from '../../policy/verdict.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { networkOf } from '../network.ts';
import type { SigningSession } from '../signing/session.ts';
import type { RuleReport, UnconcernedRule } from './model.ts';
import { withoutCluster } from './pipeline-facts.ts';
import { ScanFindings } from './scan-findings.ts';
import { TrustSource } from './trust-source.ts';

/** What images are judged with, opened once for all of them. */
export interface SessionParts {
  readonly repositories: Repositories;
  /** Policies with the keys that they name, once it is known whom they need to trust. */
  readonly keys: Pick<KeyedPolicies, 'of'>;
  readonly trust: TrustSource;
  readonly findings: ScanFindings;
  /** The platform that is meant where one is. */
  readonly platform: Platform;
  readonly clock: Clock;
}

/** What some policies say of an image. */
export interface PartialReport {
  readonly decision: Decision;
  /** Why nothing could be judged, for people; absent where it was. */
  readonly why?: string;
  readonly rules: readonly RuleReport[];
  readonly notAbout: readonly UnconcernedRule[];
  readonly warnings: readonly string[];
}

/** Where there is no policy, nothing is forbidden. */
export const nothingSaid: PartialReport = { decision: 'allow', rules: [], notAbout: [], warnings: [] };

/** Why something is not known, for people, without a full stop. */
export function whyUnknown(gathered: Exclude<Gathered<unknown>, { readonly state: 'known' }>): string {
  switch (gathered.state) {
    case 'absent':
      return 'its registry has no such image';
    case 'pending':
      return 'it is still being looked at';
    default:
      return gathered.reason;
  }
}

/** Opens them. @param opened closes them again @throws ConfigError SETTING_INVALID */
export async function openParts(
  settings: Settings,
  host: Host,
  session: SigningSession,
  opened: AsyncDisposableStack,
): Promise<SessionParts> {
  const keychain = await keychainOf(settings, host);
  const network = await session.network();
  // As for "verify": what is not to be asked is everything but the registries of the images.
  const reachable = { ...settings, offline: false };
  const registries = settings.offline ? opened.use(await networkOf(reachable, host)) : network;
  const clock: Clock = { ...systemClock, now: () => host.now().getTime() };
  const keyed = new KeyedPolicies(withoutCluster(kmsKeyLookup(await session.keyDeps())), clock);
  const trust = new TrustSource(settings, host, network, session.signal);
  return {
    repositories: new Repositories((registry) => new RegistryClient(registries, registry, { keychain }), clock),
    keys: {
      async of(policy: CompiledPolicy, signal: AbortSignal): Promise<Gathered<CompiledPolicy>> {
        const found = await keyed.of(policy, signal);
        if (found.state === 'known') await trust.prepare(found.value);
        return found;
      },
    },
    trust,
    findings: opened.use(new ScanFindings(reachable, host)),
    platform: settings.platform ?? { ...hostPlatform(host.arch), os: 'linux' },
    clock,
  };
}
