import { derTag } from '../../codec/der/tag.ts';
import { derValue } from '../../codec/der/write.ts';
import type { FaultPlan } from '../fault.ts';
import {
  authorityKeyId,
  basicConstraints,
  extendedKeyUsage,
  extension,
  generalName,
  keyUsage,
  purposes,
  subjectAltName,
  subjectKeyId,
} from '../../codec/x509/extension.ts';
import { encodeFulcioExtensions, type FulcioExtensions } from './extensions.ts';
import type { Principal } from './principal.ts';

/** The extensions of a leaf in Fulcio's order (docs/certificate-specification.md), or what a fault makes of them. */
export function leafExtensions(
  principal: Principal,
  spki: Buffer,
  issuerSpki: Buffer,
  faults: FaultPlan,
): readonly Buffer[] {
  return [
    keyUsage('messages'),
    ...usage(faults),
    ...(faults.spoils('fulcio.authority-leaf') ? [basicConstraints(0)] : []),
    subjectKeyId(spki),
    authorityKeyId(issuerSpki),
    ...names(principal, faults),
    ...encodeFulcioExtensions(said(principal, faults)),
    // An arc that is kept for examples.
    ...(faults.spoils('fulcio.unknown-critical') ? [extension('2.999.1', true, derValue(derTag.null))] : []),
  ];
}

function usage(faults: FaultPlan): Buffer[] {
  if (faults.spoils('fulcio.no-extended-usage')) return [];
  return [extendedKeyUsage(faults.spoils('fulcio.server-usage') ? purposes.serverAuth : purposes.codeSigning)];
}

function names({ name }: Principal, faults: FaultPlan): Buffer[] {
  if (faults.spoils('fulcio.no-name')) return [];
  if (faults.spoils('fulcio.dns-name')) return [subjectAltName(generalName('dns', 'example.com'))];
  const second = faults.spoils('fulcio.two-names') ? [generalName('uri', 'https://example.com/second')] : [];
  return [subjectAltName(name, ...second)];
}

function said({ extensions }: Principal, faults: FaultPlan): FulcioExtensions {
  if (!faults.spoils('fulcio.no-issuer')) return extensions;
  const { issuer: _issuer, issuerV2: _issuerV2, ...rest } = extensions;
  return rest;
}
