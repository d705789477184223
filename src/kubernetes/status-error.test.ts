import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOfStatus } from './status-error.ts';

const question = { what: 'create pods web', secrets: [] };

const statuses: readonly (readonly [what: string, status: object, code: string, message: RegExp])[] = [
  [
    'authorisation',
    { code: 403, reason: 'Forbidden', message: 'pods "web" is forbidden: User "a" cannot create resource "pods"' },
    'FORBIDDEN',
    /^The cluster did not create pods web \(status 403, Forbidden\): pods "web" is forbidden.*; grant it by a role, or ask as another user$/,
  ],
  [
    'a webhook that says no status',
    {
      code: 403,
      message: 'admission webhook "mutate.kyverno.svc-fail" denied the request: \n\nresource Pod/a/web was blocked',
    },
    'DENIED',
    /^The webhook "mutate\.kyverno\.svc-fail" of the cluster forbids to create pods web \(status 403\): .*was blocked; change what it objects to, or have its policy changed: roles do not count there$/,
  ],
  [
    'a webhook that says Forbidden',
    { code: 403, reason: 'Forbidden', message: 'admission webhook "x.y.z" denied the request without explanation' },
    'DENIED',
    /^The webhook "x\.y\.z" of the cluster/,
  ],
  [
    'a webhook that says Conflict',
    { code: 409, reason: 'Conflict', message: 'admission webhook "x.y.z" denied the request: later' },
    'DENIED',
    /roles do not count there$/,
  ],
  [
    'an admission policy',
    {
      code: 422,
      reason: 'Invalid',
      message:
        "pods \"web\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: name a tag",
    },
    'DENIED',
    /^The ValidatingAdmissionPolicy "no-latest" of the cluster/,
  ],
  [
    'a webhook that could not be asked',
    { code: 500, reason: 'InternalError', message: 'failed calling webhook "x.y.z": no endpoints' },
    'SERVER_FAILED',
    /^The cluster did not create pods web/,
  ],
  [
    'a user who writes of webhooks',
    { code: 403, reason: 'Forbidden', message: 'pods "admission webhook "x" denied the request" is forbidden' },
    'FORBIDDEN',
    /grant it by a role/,
  ],
];

for (const [what, status, code, message] of statuses) {
  test(`errorOfStatus() tells ${what} as ${code}`, () => {
    const error = errorOfStatus({ ...status }, question);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  });
}
