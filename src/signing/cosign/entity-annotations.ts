import { formatPem } from '../../codec/pem/pem.ts';
import type { SignedEntity } from '../entity.ts';
import { layerAnnotations } from './annotations.ts';
import { formatLogBundle } from './log-bundle.ts';

/**
 * The annotations that a legacy layer carries what proves its signature in, as cosign writes them: the reverse of
 * `legacyEntity`. A log entry counts only with its log's promise, and a timestamp only once, since the layout has no
 * place for more.
 *
 * @param predicateType of an attestation's statement
 */
export function entityAnnotations(entity: SignedEntity, predicateType?: string): Record<string, string> {
  const { content, material, logEntries, timestamps } = entity;
  const [leaf, ...rest] = material.kind === 'certificate' ? material.certificates : [];
  const entry = logEntries.find(({ promise }) => promise !== undefined);
  const [timestamp] = timestamps;
  const pem = (bytes: Buffer): string => formatPem({ label: 'CERTIFICATE', bytes });
  return {
    [layerAnnotations.signature]: content.kind === 'message' ? content.signature.toString('base64') : '',
    ...(leaf === undefined
      ? {}
      : { [layerAnnotations.certificate]: pem(leaf), [layerAnnotations.chain]: rest.map(pem).join('') }),
    ...(entry === undefined ? {} : { [layerAnnotations.bundle]: formatLogBundle(entry) }),
    ...(timestamp === undefined
      ? {}
      : { [layerAnnotations.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: timestamp.toString('base64') }) }),
    ...(predicateType === undefined ? {} : { [layerAnnotations.predicateType]: predicateType }),
  };
}
