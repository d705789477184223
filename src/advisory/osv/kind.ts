import type { OsvRecord } from './schema.ts';

/**
 * True for the id of a distribution's update announcement: it fixes flaws that have ids of their own. Older records of
 * AlmaLinux, Rocky Linux and SUSE name those in `related`, newer ones in `upstream`.
 */
export function isUpdate(id: string): boolean {
  return /^(?:DSA|DLA|DTSA|USN|LSN|RH[SBE]A|AL[SBE]A|RL[SBE]A|RXSA|ELSA|ALAS\w*|SUSE-[SRFO]U|openSUSE-[SRFO]U|MGASA|PHSA)-/.test(
    id,
  );
}

/**
 * True for records that state no flaw: RustSec's notices (`informational`: no longer maintained, notice; `unsound` is a
 * flaw), and bug fix or enhancement updates of the Red Hat family that name no CVE.
 */
export function isNotice(record: OsvRecord): boolean {
  if (/^(?:RH|AL|RL)[BE]A-/.test(record.id)) {
    const named = [...(record.aliases ?? []), ...(record.upstream ?? []), ...(record.related ?? [])];
    return !named.some((id) => id.startsWith('CVE-'));
  }
  const affected = record.affected ?? [];
  return (
    affected.length > 0 &&
    affected.every(({ database_specific: specific }) => {
      const informational = specific?.informational;
      return informational === 'unmaintained' || informational === 'notice';
    })
  );
}
