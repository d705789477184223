import { printableJson } from '../../base/printable-json.ts';
import type { ImageReport } from './model.ts';
import { worstDecision } from './worst-decision.ts';
import type { PolicySet } from './read-policies.ts';

/**
 * Reports for programs. What is there stays: members may be added, and `schemaVersion` changes when one means something else.
 *
 * @param explains whether all that was looked at is told
 */
export function renderJson(reports: readonly ImageReport[], { image, objects }: PolicySet, explains: boolean): string {
  const policies = [
    ...(image === undefined ? [] : [{ dialect: 'seaworthy', hash: image.hash }]),
    ...objects.map(({ id, dialect, hash }) => ({ dialect, id, hash })),
  ];
  const decision = worstDecision(reports.map((each) => each.decision));
  const images = reports.map((report) => (explains ? report : withoutDetails(report)));
  return `${printableJson({ schemaVersion: 1, gate: 'ci', decision, policies, images })}\n`;
}

function withoutDetails({
  looked: _looked,
  evidence: _evidence,
  notAbout: _notAbout,
  ...rest
}: ImageReport): Omit<ImageReport, 'looked' | 'evidence' | 'notAbout'> {
  return rest;
}
