import { RegistrySource } from '../../admission/source/registry-source.ts';
import type { ResourceJudgeParts } from '../../admission/resource/judge-resource.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { PipelineJudge } from '../policy/pipeline-judge.ts';
import { ownAccess } from '../policy/own-access.ts';
import { openParts } from '../policy/session-parts.ts';
import { SigningSession } from '../signing/session.ts';

/**
 * Looks images up in their registries, with the credentials of this machine: there is no cluster whose Secrets a policy could name.
 *
 * @param opened closes what is opened
 * @throws ConfigError SETTING_INVALID
 */
export async function registryParts(
  settings: Settings,
  host: Host,
  opened: AsyncDisposableStack,
): Promise<Pick<ResourceJudgeParts, 'names' | 'images' | 'keys'>> {
  const session = opened.use(new SigningSession(settings, host));
  const { repositories, keys, trust, findings, clock } = await openParts(settings, host, session, opened);
  const { platform } = settings;
  const source = new RegistrySource({
    repositories,
    clock,
    trust: () => ({ trust: trust.current, revision: '' }),
    platforms: platform === undefined ? [] : [platform],
    findings,
  });
  const judge = new PipelineJudge(source, () => clock.now());
  return {
    names: { resolve: (reference, _access, signal) => judge.resolve(reference, ownAccess, signal) },
    images: { judge: (question, signal) => judge.judge({ ...question, access: ownAccess }, signal) },
    keys,
  };
}
