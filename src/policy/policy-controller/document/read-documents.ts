import type { PlacedText } from '../../../codec/yaml/text-place.ts';
import type { z } from 'zod';
import { readDocuments, type ReadingOf } from '../../resource/read-documents.ts';
import { policyControllerLimits } from '../limits.ts';
import type { ClusterImagePolicy } from './cluster-image-policy/model.ts';
import type { TrustRoot } from './trust-root/model.ts';

/** Reads the policies and trust roots in a text of YAML or JSON. What is wrong with one says nothing about the others. */
export async function readPolicyController(text: PlacedText): Promise<ReadingOf<ClusterImagePolicy | TrustRoot>> {
  return await readDocuments(text, policyControllerLimits.yamlDepth, schemaOf);
}

async function schemaOf(
  apiVersion: string,
  kind: string,
): Promise<z.ZodType<ClusterImagePolicy | TrustRoot> | undefined> {
  if (!apiVersion.startsWith('policy.sigstore.dev/')) return undefined;
  if (kind === 'ClusterImagePolicy') {
    return (await import('./cluster-image-policy/schema.ts')).clusterImagePolicySchema;
  }
  return kind === 'TrustRoot' ? (await import('./trust-root/schema.ts')).trustRootSchema : undefined;
}
