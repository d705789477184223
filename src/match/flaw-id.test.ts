import assert from 'node:assert/strict';
import test from 'node:test';
import { cveOf, isVendorAnnouncement, primaryUrlOf } from './flaw-id.ts';

const ids: readonly (readonly [string, string | undefined, boolean, string])[] = [
  ['CVE-2024-12345', 'CVE-2024-12345', false, 'https://avd.aquasec.com/nvd/cve-2024-12345'],
  ['DEBIAN-CVE-2024-1234', 'CVE-2024-1234', false, 'https://osv.dev/vulnerability/DEBIAN-CVE-2024-1234'],
  ['ALPINE-CVE-2024-1234', 'CVE-2024-1234', false, 'https://osv.dev/vulnerability/ALPINE-CVE-2024-1234'],
  ['GHSA-aaaa-bbbb-cccc', undefined, false, 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc'],
  ['GO-2024-1', undefined, false, 'https://pkg.go.dev/vuln/GO-2024-1'],
  ['RUSTSEC-2024-0001', undefined, false, 'https://osv.dev/vulnerability/RUSTSEC-2024-0001'],
  ['TEMP-0000000-ABC', undefined, false, 'https://security-tracker.debian.org/tracker/TEMP-0000000-ABC'],
  ['DSA-5380-1', undefined, true, 'https://security-tracker.debian.org/tracker/DSA-5380-1'],
  ['USN-5614-1', undefined, true, 'https://osv.dev/vulnerability/USN-5614-1'],
  ['RHSA-2024:1', undefined, true, 'https://osv.dev/vulnerability/RHSA-2024%3A1'],
  ['ALAS2023-2024-1', undefined, true, 'https://osv.dev/vulnerability/ALAS2023-2024-1'],
  ['SUSE-SU-2024:1-1', undefined, true, 'https://osv.dev/vulnerability/SUSE-SU-2024%3A1-1'],
  ['CGA-aaaa-bbbb-cccc', undefined, false, 'https://osv.dev/vulnerability/CGA-aaaa-bbbb-cccc'],
  ['CVE-2024-1', undefined, false, 'https://avd.aquasec.com/nvd/cve-2024-1'],
];

for (const [id, cve, vendor, url] of ids) {
  test(`cveOf(), isVendorAnnouncement() and primaryUrlOf() know ${id}`, () => {
    assert.deepEqual([cveOf(id), isVendorAnnouncement(id), primaryUrlOf(id)], [cve, vendor, url]);
  });
}
