import type { Finding } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import type { CrioConf } from './crio-conf.ts';
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts';

/** Of both, that of the user whom services run as takes the place of the system's. */
const usual: readonly string[] = ['/root/.config/containers/policy.json', '/etc/containers/policy.json'];

/** Policies for the images of namespaces, where `crio.conf` names no other folder. */
const namespaces = '/etc/crio/policies';

/**
 * Reads the policies that say what is refused. CRI-O may have one that Podman has not: an image is refused where each of them refuses it.
 */
export async function readTrust(
  { signaturePolicy, signaturePolicyDir = namespaces }: CrioConf,
  files: NodeFiles,
  findings: Finding[],
): Promise<TrustPolicy> {
  const policies = [await firstOf(usual, files, findings)];
  if (signaturePolicy !== undefined) policies.push(await firstOf([signaturePolicy], files, findings));
  const listed = await files.list(signaturePolicyDir);
  if (listed.kind === 'names' && listed.names.some((name) => name.endsWith('.json'))) {
    const sentence = 'holds policies of namespaces, which take the place of policy.json there and are not looked at';
    findings.push({ code: 'TRUST_NAMESPACES', level: 'unknown', file: signaturePolicyDir, sentence });
  }
  return (image) => (policies.every((policy) => policy(image) === 'refused') ? 'refused' : 'accepted');
}

async function firstOf(paths: readonly string[], files: NodeFiles, findings: Finding[]): Promise<TrustPolicy> {
  for (const path of paths) {
    const file = await files.read(path);
    if (file.kind === 'absent') continue;
    const { policy, mistake } = file.kind === 'text' ? parseTrustPolicy(file.text) : {};
    if (policy !== undefined) return policy;
    const sentence = `cannot be read: ${mistake}`;
    findings.push(
      file.kind === 'unreadable' ? file.finding : { code: 'TRUST_BROKEN', level: 'unknown', file: path, sentence },
    );
    break;
  }
  return () => 'accepted';
}
