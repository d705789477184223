import assert from 'node:assert/strict';
import test from 'node:test';
import { describeUsageError } from './usage-error.ts';

const cases: readonly (readonly [said: string, line: string])[] = [
  [
    "error: unknown option '--sevrity'\n(Did you mean --severity?)\n",
    "error COMMAND_LINE_INVALID: unknown option '--sevrity' (did you mean --severity?); add --help for the options and examples",
  ],
  [
    "error: unknown option '--image-src'\n",
    "error COMMAND_LINE_INVALID: unknown option '--image-src'; put docker:, podman: or registry: before the image",
  ],
  [
    "error: unknown option '--branch'\n",
    'error COMMAND_LINE_INVALID: unknown option \'--branch\'; run "git clone --branch", and name the folder',
  ],
  [
    "error: unknown option '--tolerations'\n",
    "error COMMAND_LINE_INVALID: unknown option '--tolerations'; leave it out, since nothing is started in the cluster",
  ],
  [
    "error: unknown option '--exclude-nodes'\n",
    "error COMMAND_LINE_INVALID: unknown option '--exclude-nodes'; leave it out, since nodes are listed, and nothing is started on them",
  ],
  [
    "error: unknown option '--username'\n",
    'error COMMAND_LINE_INVALID: unknown option \'--username\'; log in with "docker login HOST": what is for one registry is shown to no other',
  ],
  [
    "error: unknown command 'client'\n(Did you mean clean?)\n",
    "error COMMAND_LINE_INVALID: unknown command 'client'; each command reads the database itself",
  ],
  [
    "error: unknown command 'version'\n(Did you mean verify?)\n",
    "error COMMAND_LINE_INVALID: unknown command 'version'; write --version",
  ],
  [
    "error: unknown option '--k8s-keychain'\n",
    "error COMMAND_LINE_INVALID: unknown option '--k8s-keychain'; mount the pull secret, and name its folder in DOCKER_CONFIG",
  ],
  [
    "error: unknown option '--registry-password=hunter2'\n",
    "error COMMAND_LINE_INVALID: unknown option '--registry-password'; write --password-stdin, or set SEAWORTHY_PASSWORD",
  ],
  [
    "error: unknown option '--password=hunter2'\n(Did you mean --password-stdin?)\n",
    "error COMMAND_LINE_INVALID: unknown option '--password'; write --password-stdin, or set SEAWORTHY_PASSWORD",
  ],
  [
    "error: too many arguments for 'sbom'. Expected 1 argument but got 2: a, b.\n",
    "error COMMAND_LINE_INVALID: too many arguments for 'sbom'. Expected 1 argument but got 2: a, b; add --help for the options and examples",
  ],
  [
    "error: unknown command 'a\nb\u001B[2J'\n",
    "error COMMAND_LINE_INVALID: unknown command 'a b\uFFFD[2J'; add --help for the options and examples",
  ],
];

test('describeUsageError() makes one line with a code, and keeps the suggestion', () => {
  for (const [said, line] of cases) assert.equal(describeUsageError(said), line);
});
