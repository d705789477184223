const login = 'log in with docker, podman or oras';
const token = 'write --key pkcs11:…';

/** What to write instead of commands that Trivy, Grype, Syft, cosign and others have and this program has not. */
export const foreignCommands: ReadonlyMap<string, string> = new Map([
  ['aws', 'write "config" for files; an account of a cloud is not looked at'],
  ['client', 'each command reads the database itself'],
  ['convert', 'write several reports from one scan with --output'],
  ['dockerfile', 'verify each image that it names'],
  ['env', 'write "settings"'],
  ['generate', 'write "sign --output-payload FILE --no-upload"'],
  ['login', login],
  ['logout', login],
  ['manifest', 'verify each image that it names'],
  ['module', 'there are none'],
  ['packages', 'write "sbom"'],
  ['piv-tool', token],
  ['pkcs11-tool', token],
  ['plugin', 'there are none'],
  ['server', 'each command reads the database itself, and "registry serve" scans what it keeps'],
  ['upload', 'write "build --push"'],
  ['version', 'write --version'],
  ['vex', 'name documents by --vex; no repository of them is kept'],
  ['vm', 'write "rootfs" for a disk that is mounted'],
]);
