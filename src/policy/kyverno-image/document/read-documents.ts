import type { PlacedText } from '../../../codec/yaml/text-place.ts';
import type { z } from 'zod';
import { readDocuments, type ReadingOf } from '../../resource/read-documents.ts';
import { kyvernoImageLimits } from '../limits.ts';
import type { ImageValidatingPolicy } from './image-validating-policy/model.ts';
import type { CelPolicyException } from './policy-exception/model.ts';

/** Reads the policies and exceptions in a text of YAML or JSON. What is wrong with one says nothing about the others. */
export async function readKyvernoImagePolicies(
  text: PlacedText,
): Promise<ReadingOf<ImageValidatingPolicy | CelPolicyException>> {
  return await readDocuments(text, kyvernoImageLimits.yamlDepth, schemaOf);
}

async function schemaOf(
  apiVersion: string,
  kind: string,
): Promise<z.ZodType<ImageValidatingPolicy | CelPolicyException> | undefined> {
  // A version that nobody knows is a mistake of the document, which would be passed over otherwise.
  if (!apiVersion.startsWith('policies.kyverno.io/')) return undefined;
  if (kind === 'ImageValidatingPolicy' || kind === 'NamespacedImageValidatingPolicy') {
    return (await import('./image-validating-policy/schema.ts')).imageValidatingPolicySchema;
  }
  if (kind !== 'PolicyException') return undefined;
  return (await import('./policy-exception/schema.ts')).celPolicyExceptionSchema;
}
