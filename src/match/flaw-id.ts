/** Ids that distributions make from the CVE's: `DEBIAN-CVE-2020-1`, `ALPINE-CVE-…`, `UBUNTU-CVE-…`. */
const derived = /^[A-Z]+-(CVE-\d{4}-\d{4,19})$/;

/** The CVE that an id is, or is made from; undefined for other ids. */
export function cveOf(id: string): string | undefined {
  if (/^CVE-\d{4}-\d{4,19}$/.test(id)) return id;
  return derived.exec(id)?.[1];
}

/** True for ids of a vendor's own announcements, which fix flaws that have ids of their own. */
export function isVendorAnnouncement(id: string): boolean {
  return /^(?:DSA|DLA|DTSA|USN|LSN|RH[SBE]A|AL[SBE]A|RL[SBE]A|RXSA|ELSA|ALAS\w*|SUSE-[SRFO]U|openSUSE-[SRFO]U|MGASA|PHSA)-/.test(
    id,
  );
}

/** The page where a person reads on about an id. CVEs and GHSAs go where the reports of Trivy send their readers. */
export function primaryUrlOf(id: string): string {
  const page = encodeURIComponent(id);
  if (id.startsWith('CVE-')) return `https://avd.aquasec.com/nvd/${page.toLowerCase()}`;
  if (id.startsWith('GHSA-')) return `https://github.com/advisories/${page}`;
  if (/^(?:TEMP|DSA|DLA|DTSA)-/.test(id)) return `https://security-tracker.debian.org/tracker/${page}`;
  if (id.startsWith('GO-')) return `https://pkg.go.dev/vuln/${page}`;
  return `https://osv.dev/vulnerability/${page}`;
}
