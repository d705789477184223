import { dockerHub } from '../../oci/reference.ts';
import type { VerifiedAttachment } from '../../signing/image/candidate.ts';
import { encodeCosignAnnotation } from '../../signing/log/cosign-annotation.ts';
import type { VerifiedSignature } from '../../signing/verify/verified-signature.ts';
import type { ResolvedImage } from './session.ts';

/** Readable names that cosign prints beside the object identifiers of Fulcio's first extensions. */
const namedClaims = [
  ['1.3.6.1.4.1.57264.1.2', 'githubWorkflowTrigger'],
  ['1.3.6.1.4.1.57264.1.3', 'githubWorkflowSha'],
  ['1.3.6.1.4.1.57264.1.4', 'githubWorkflowName'],
  ['1.3.6.1.4.1.57264.1.5', 'githubWorkflowRepository'],
  ['1.3.6.1.4.1.57264.1.6', 'githubWorkflowRef'],
] as const;

/**
 * One element of what `cosign verify` prints: the payload that was signed, and in `optional` who signed. Of bundles cosign 3
 * leaves the signer out; it is put in here, where programs look for it.
 */
export function cosignElement({ name, digest }: ResolvedImage, attachment: VerifiedAttachment): unknown {
  const { verified } = attachment;
  if ('payload' in verified) {
    const { document } = verified.payload;
    const optional = {
      ...(document as { readonly optional?: object | null }).optional,
      ...signerFields(verified, true),
    };
    return { ...(document as object), optional: Object.keys(optional).length === 0 ? null : optional };
  }
  return {
    critical: {
      identity: { 'docker-reference': name },
      image: { 'docker-manifest-digest': digest },
      type: verified.statement.predicateType,
    },
    optional: {
      ...Object.fromEntries(verified.subject?.annotations ?? new Map<string, string>()),
      ...signerFields(verified, false),
    },
  };
}

function signerFields({ signer, logs }: VerifiedSignature, withBundle: boolean): object {
  const [log] = logs;
  const promise = log?.entry.promise;
  const bundle =
    !withBundle || log === undefined || promise === undefined
      ? {}
      : { Bundle: JSON.parse(encodeCosignAnnotation({ ...log.entry, promise })) as object };
  if (signer.kind === 'key') return bundle;
  const { subject, issuer, claims } = signer.identity;
  const named = namedClaims.flatMap(([oid, claim]) => {
    const value = claims[claim];
    return value === undefined ? [] : [[oid, value] as const, [claim, value] as const];
  });
  return {
    ...(issuer === undefined ? {} : { '1.3.6.1.4.1.57264.1.1': issuer }),
    ...bundle,
    ...(issuer === undefined ? {} : { Issuer: issuer }),
    Subject: subject,
    ...Object.fromEntries(named),
  };
}

/** What `docker-reference` is in new payloads: the repository alone, Docker Hub's under the name that Go's library has. */
export function payloadReference({ reference: { registry, repository } }: Pick<ResolvedImage, 'reference'>): string {
  return `${registry === dockerHub ? 'index.docker.io' : registry}/${repository}`;
}
