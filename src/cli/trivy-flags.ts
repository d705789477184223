/**
 * What to write instead of flags that pipelines for Trivy have and this program has not (aquasecurity/trivy, pkg/flag). Near
 * spellings are not here: they are suggested anyway.
 */
export const trivyFlags: ReadonlyMap<string, string> = new Map([
  ['--db-repository', 'write --db-source'],
  ['--download-db-only', 'run "seaworthy db update"'],
  ['--image-src', 'put docker:, podman: or registry: before the image'],
  ['--offline-scan', 'leave it out, or write --offline to forbid every connection'],
  ['--password', 'write --password-stdin, or set SEAWORTHY_PASSWORD'],
  ['--scanners', 'leave it out, since vulnerabilities are all that is looked for'],
  ['--skip-db-update', 'leave it out, since only "seaworthy db update" changes the database'],
  ['--vuln-type', 'write --pkg-types'],
]);
