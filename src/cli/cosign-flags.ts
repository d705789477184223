/**
 * Flags of cosign that are called otherwise here (sigstore/cosign, cmd/cosign/cli/options). They are rewritten, so that scripts go
 * on; help shows the names of this program only.
 */
export const cosignAliases: ReadonlyMap<string, string> = new Map([
  ['--registry-username', '--username'],
  ['--registry-cacert', '--ca-cert'],
  ['--skip-confirmation', '--yes'],
  ['--verbose', '--debug'],
]);

/** Switches of single commands that scripts write as `--name=true` or `--name=false`, and what holds without them. */
export const commandSwitches: ReadonlyMap<string, boolean> = new Map([
  ['--allow-http-registry', false],
  ['--allow-insecure-registry', false],
  ['--check-claims', true],
  ['--experimental-oci11', false],
  ['--local-image', false],
  ['--new-bundle-format', true],
  ['--record-creation-timestamp', false],
  ['--recursive', false],
  ['--replace', false],
  ['--upload', true],
  ['--yes', false],
]);

/** What to write instead of flags that cosign has and this program has not. */
export const cosignFlags: ReadonlyMap<string, string> = new Map([
  ['--attachment', 'sign the attachment itself, by its digest'],
  ['--b64', 'leave it out, since bare signatures are always in base64'],
  ['--insecure-skip-verify', 'leave it out, and verify with --insecure-ignore-sct where there is no such log'],
  ['--issue-certificate', 'sign with --key, or with your identity and without it'],
  ['--k8s-keychain', 'mount the pull secret, and name its folder in DOCKER_CONFIG'],
  ['--payload', 'use "verify-blob" for what lies in files'],
  ['--private-infrastructure', 'write --insecure-ignore-tlog'],
  ['--registry-client-cert', 'log in with --username or --registry-token'],
  ['--registry-client-key', 'log in with --username or --registry-token'],
  ['--registry-password', 'write --password-stdin, or set SEAWORTHY_PASSWORD'],
  ['--registry-server-name', 'name the registry as its certificate does'],
  ['--rfc3161-timestamp', 'write --bundle, since bundles hold stamps too'],
  ['--sct', 'take a certificate with the promise in it, or verify with --insecure-ignore-sct'],
  ['--signature-digest-algorithm', 'leave it out, since the digest that goes with the key is taken'],
  ['--signing-algorithm', 'make a key with "generate-key-pair --type", and sign with --key'],
  ['--sk', 'write --key pkcs11:…'],
  ['--slot', 'write --key pkcs11:…'],
  ['--timestamp-certificate-chain', 'put it into a file with "trusted-root create", and name that with --trusted-root'],
  ['--timestamp-client-cacert', 'write --ca-cert'],
  ['--timestamp-client-cert', 'name an authority that asks for no certificate'],
  ['--timestamp-client-key', 'name an authority that asks for no certificate'],
  ['--timestamp-server-name', 'name the authority as its certificate does'],
]);
