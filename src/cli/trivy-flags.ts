/**
 * Flags of Trivy, Grype and Syft that are called otherwise here (aquasecurity/trivy, pkg/flag; anchore/grype and anchore/syft,
 * cmd/…/options). They are rewritten, so that pipelines go on; help shows the names of this program only.
 */
export const scannerAliases: ReadonlyMap<string, string> = new Map([
  ['--only-fixed', '--ignore-unfixed'],
  ['--vuln-type', '--pkg-types'],
]);

/** Switches of Trivy that ask for what is so anyway, with what holds without them. */
export const scannerSwitches: ReadonlyMap<string, boolean> = new Map([
  ['--disable-node-collector', false],
  ['--disable-telemetry', false],
  ['--offline-scan', false],
  ['--skip-check-update', false],
  ['--skip-db-update', false],
  ['--skip-java-db-update', false],
  ['--skip-version-check', false],
]);

/**
 * What to write instead of flags that pipelines for Trivy, Grype and Syft have and this program has not. Near spellings are not here:
 * they are suggested anyway.
 */
export const trivyFlags: ReadonlyMap<string, string> = new Map([
  ['--branch', 'run "git clone --branch", and name the folder'],
  ['--cache-backend', 'write --cache-dir, since what was read is kept in a folder'],
  ['--check-namespaces', 'leave it out, since checks in Rego are not read'],
  ['--checks-bundle-repository', 'leave it out, since the checks are part of the program'],
  ['--clear-cache', 'remove the folder "scans" in that of --cache-dir'],
  ['--commit', 'run "git clone" and "git checkout", and name the folder'],
  ['--compliance', 'write what must be true as a policy, and judge by "policy check"'],
  ['--components', 'leave it out, since all that runs is looked at, and --include-kinds chooses'],
  ['--config-check', 'write a policy in the form of Kyverno, and judge by "policy test"'],
  ['--config-data', 'leave it out, since checks in Rego are not read'],
  ['--config-policy', 'write a policy in the form of Kyverno, and judge by "policy test"'],
  ['--db-repository', 'write --db-source'],
  ['--dependency-tree', 'leave it out, since no report has such a tree'],
  ['--detection-priority', 'leave it out; what could not be judged is told in any case'],
  ['--distro', 'leave it out, since the packages say it'],
  ['--download-db-only', 'run "seaworthy db update"'],
  ['--exclude', 'write --skip-dirs or --skip-files'],
  ['--file', 'write --output FORMAT=FILE'],
  ['--file-patterns', 'leave it out, since files are known by their usual names; in "config", name the file itself'],
  ['--from', 'put docker:, podman: or registry: before the image'],
  ['--helm-set', 'write "helm template" into a file, and name that'],
  ['--helm-values', 'write "helm template" into a file, and name that'],
  ['--ignore-policy', 'write an exception with an end into a policy, and judge by "policy check"'],
  ['--ignore-states', 'write ignoreStatuses into a policy, and judge by "policy check"'],
  ['--ignore-status', 'write ignoreStatuses into a policy, and judge by "policy check"'],
  ['--ignored-licenses', 'leave it out, since licences are listed and not judged'],
  ['--image-config-scanners', 'write what must be true as a policy, and judge by "policy check"'],
  ['--image-src', 'put docker:, podman: or registry: before the image'],
  ['--java-db-repository', 'leave it out, since there is one database for all'],
  ['--k8s-version', 'leave it out, since no check depends on the version of a cluster'],
  ['--license-full', 'leave it out, since licences are listed as packages state them'],
  ['--light', 'leave it out, since the report is short as it is'],
  ['--max-image-size', 'leave it out, since layers are read as they come, and not kept'],
  ['--node-collector-imageref', 'leave it out, since nothing is started in the cluster'],
  ['--node-collector-namespace', 'leave it out, since nothing is started in the cluster'],
  ['--offline-scan', 'leave it out, or write --offline to forbid every connection'],
  ['--password', 'write --password-stdin, or set SEAWORTHY_PASSWORD'],
  ['--pkg-relationships', 'leave it out, since all packages are looked up'],
  ['--policy', 'judge by "policy check" or "policy test", which take policies'],
  ['--raw-config-scanners', 'leave it out, since no check reads raw configuration'],
  ['--rego-error-limit', 'leave it out, since checks in Rego are not read'],
  ['--rekor-url', 'leave it out; an SBOM counts where --sbom-key says who signed it'],
  ['--removed-pkgs', 'leave it out; what an image shows is looked at, and not what its history removed'],
  ['--reset', 'remove the folder of --cache-dir'],
  ['--sbom-sources', 'write --sbom-key, so that SBOMs count which that key signed'],
  [
    '--scanners',
    'leave it out, since each command looks for one thing: "config" for what is wrong in configuration, others for vulnerabilities',
  ],
  ['--scope', 'leave it out; what an image shows is looked at, and not what later layers hide'],
  ['--select-catalogers', 'leave it out, since all are asked'],
  ['--server', 'leave it out, since each command reads the database itself'],
  ['--show-suppressed', 'leave it out; the report tells what was set aside'],
  ['--skip-db-update', 'leave it out, since only "seaworthy db update" changes the database'],
  ['--skip-policy-update', 'leave it out, since the checks are part of the program'],
  ['--skip-vex-repo-update', 'leave it out, since no repository of VEX documents is asked'],
  ['--table-mode', 'leave it out; in "k8s", --report summary or all chooses'],
  ['--template', 'write --format json or sarif, and make of it what you need'],
  ['--tf-exclude-downloaded-modules', 'leave it out, since Terraform is not read'],
  ['--tf-vars', 'leave it out, since Terraform is not read'],
  ['--tolerations', 'leave it out, since nothing is started in the cluster'],
  ['--trace', 'leave it out, since checks in Rego are not read'],
  ['--vuln-severity-source', 'leave it out; the rating of the advisory that matched comes first'],
]);
