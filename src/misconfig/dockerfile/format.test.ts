import assert from 'node:assert/strict';
import test from 'node:test';
import { dockerfileFormat } from './format.ts';

for (const [path, expected] of [
  ['Dockerfile', true],
  ['a/b/dockerfile', true],
  ['Containerfile', true],
  ['Dockerfile.dev', true],
  ['web.Dockerfile', true],
  ['web.dockerfile', true],
  ['web.containerfile', true],
  ['Containerfile.fedora', true],
  ['Dockerfile.dockerignore', false],
  ['dockerfile.go', false],
  ['Dockerfile.5.md', false],
  ['Dockerfile.j2', true],
  ['Dockerfiles', false],
  ['MyDockerfile', false],
  ['Dockerfile-web', false],
  ['Dockerfile/readme.md', false],
  ['docker-compose.yml', false],
] as const) {
  test(`dockerfileFormat ${expected ? 'looks' : 'does not look'} at ${path}`, () => {
    assert.equal(dockerfileFormat.mayBe(path), expected);
  });
}

function checked(source: string, { skipped = [], now = '2026-01-01' }: { skipped?: string[]; now?: string } = {}) {
  const file = dockerfileFormat.check('a/Dockerfile', Buffer.from(source), {
    skipped: new Set(skipped),
    now: Date.parse(now),
  });
  assert.ok(file);
  return {
    ...file,
    failed: file.failures.map(({ check }) => check.id),
    aside: file.ignored.map(({ failure, by }) => `${failure.check.id} ${by.slice(0, by.indexOf(': '))}`),
  };
}

test('dockerfileFormat says which checks failed and which passed', () => {
  const { failed, passed, problems, type } = checked('FROM a\nUSER root');
  assert.deepEqual(failed, ['DS-0001', 'DS-0002', 'DS-0026']);
  assert.equal(passed.length, 24);
  assert.deepEqual([problems, type], [[], 'dockerfile']);
});

test('dockerfileFormat says what it cannot read, and nothing of what it holds', () => {
  const { failures, passed, problems } = checked('FROM a\nRUM b');
  assert.deepEqual([failures, passed], [[], []]);
  assert.deepEqual(problems, ['Line 2 begins with "RUM", which is no instruction']);
});

test('dockerfileFormat skips checks by any of their names', () => {
  assert.deepEqual(checked('FROM a', { skipped: ['avd-ds-0001', 'ds002', 'no-healthcheck'] }).failed, []);
});

const base = 'FROM a:1\nUSER b\nHEALTHCHECK NONE\n';
const comments: readonly (readonly [what: string, source: string, failed: string[], aside: string[]])[] = [
  ['above', `${base}#trivy:ignore:DS-0010\nRUN sudo x`, [], ['DS-0010 a/Dockerfile:4']],
  [
    'above, with other comments between',
    `${base}# trivy:ignore:ds010\n# x\n\nRUN sudo x`,
    [],
    ['DS-0010 a/Dockerfile:4'],
  ],
  ['above another instruction', `${base}# trivy:ignore:DS-0010\nRUN x\nRUN sudo x`, ['DS-0010'], []],
  ['below', `${base}RUN sudo x\n# trivy:ignore:DS-0010`, ['DS-0010'], []],
  ['within', `${base}RUN a && \\\n# seaworthy:ignore:DS-0010 it is so\n  sudo x`, [], ['DS-0010 a/Dockerfile:5']],
  ['at the end of a line', `${base}RUN sudo x # trivy:ignore:AVD-DS-0010`, [], ['DS-0010 a/Dockerfile:4']],
  [
    'of several ids in a line',
    `${base}# trivy:ignore:DS-0010 trivy:ignore:DS-0013\nRUN sudo x && cd y`,
    [],
    ['DS-0010 a/Dockerfile:4', 'DS-0013 a/Dockerfile:4'],
  ],
  [
    'of several ids after one word',
    `${base}# seaworthy:ignore:DS-0010,DS-0013 reason\nRUN sudo x && cd y`,
    [],
    ['DS-0010 a/Dockerfile:4', 'DS-0013 a/Dockerfile:4'],
  ],
  ['with a wildcard', `${base}#tfsec:ignore:DS-*\nRUN sudo x`, [], ['DS-0010 a/Dockerfile:4']],
  ['with another wildcard', `${base}#trivy:ignore:*-sudo-*\nRUN sudo x`, [], ['DS-0010 a/Dockerfile:4']],
  ['with a wildcard for others', `${base}#trivy:ignore:KSV-*\nRUN sudo x`, ['DS-0010'], []],
  ['before its end', `${base}#trivy:ignore:DS-0010:exp:2026-02-01\nRUN sudo x`, [], ['DS-0010 a/Dockerfile:4']],
  ['after its end', `${base}#trivy:ignore:DS-0010:exp:2025-12-31\nRUN sudo x`, ['DS-0010'], []],
  ['with a day that is none', `${base}#trivy:ignore:DS-0010:exp:tomorrow\nRUN sudo x`, ['DS-0010'], []],
  ['of another tool', `${base}# hadolint ignore=DS-0010\nRUN sudo x`, ['DS-0010'], []],
  ['in a text', `${base}RUN sudo x "trivy:ignore:DS-0010"`, ['DS-0010'], []],
  [
    'about what is missing, at the beginning',
    '# trivy:ignore:DS-0002\n# trivy:ignore:DS-0026\nFROM a:1',
    [],
    ['DS-0002 a/Dockerfile:1', 'DS-0026 a/Dockerfile:2'],
  ],
  [
    'about what is missing, above the last stage',
    `FROM a:1\n# trivy:ignore:DS-0002\nFROM b:1\nHEALTHCHECK NONE`,
    [],
    ['DS-0002 a/Dockerfile:2'],
  ],
  ['about what is missing, elsewhere', `FROM a:1\n# trivy:ignore:DS-0002\nHEALTHCHECK NONE`, ['DS-0002'], []],
];

for (const [what, source, failed, aside] of comments) {
  test(`a comment ${what} ${failed.length === 0 ? 'sets aside' : 'sets nothing aside'}`, () => {
    const file = checked(source);
    assert.deepEqual([file.failed, file.aside], [failed, aside]);
  });
}
