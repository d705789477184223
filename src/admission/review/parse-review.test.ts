import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReviewName, readReview, reviewNames } from '../../../testing/admission/read-review.ts';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { imagesOfPods } from '../../policy/resource/images.ts';
import { AdmissionError, type AdmissionErrorCode } from '../error.ts';
import type { ReviewRequest } from './model.ts';
import { parseReview } from './parse-review.ts';
import { requestFields } from '../../policy/resource/request-fields.ts';
import { toResourceSubject } from './resource-subject.ts';

interface Replayed {
  readonly request: Partial<ReviewRequest>;
  readonly images: readonly string[];
  readonly oldImages?: readonly string[];
}

const replayed: Readonly<Record<ReviewName, Replayed>> = {
  'create-pod': {
    request: { operation: 'CREATE', name: 'web', namespace: 'shop', subResource: '', dryRun: false },
    images: ['registry.example.com/shop/web:1.4', 'registry.example.com/tools/wait:2'],
  },
  'create-generate-name': {
    request: { operation: 'CREATE', name: '', namespace: 'shop' },
    images: ['registry.example.com/shop/web:1.4'],
  },
  'create-dry-run': { request: { operation: 'CREATE', dryRun: true }, images: ['nginx'] },
  'update-pod': {
    request: { operation: 'UPDATE', name: 'web' },
    images: ['registry.example.com/shop/web:1.5'],
    oldImages: ['registry.example.com/shop/web:1.4'],
  },
  'update-ephemeral-containers': {
    request: { operation: 'UPDATE', subResource: 'ephemeralcontainers', requestSubResource: 'ephemeralcontainers' },
    images: ['registry.example.com/shop/web:1.4', 'busybox:1.36'],
    oldImages: ['registry.example.com/shop/web:1.4'],
  },
  'delete-pod': {
    request: { operation: 'DELETE', name: 'web' },
    images: ['registry.example.com/shop/web:1.4'],
    oldImages: ['registry.example.com/shop/web:1.4'],
  },
};

for (const [name, { request, images, oldImages }] of Object.entries(replayed) as [ReviewName, Replayed][]) {
  test(`parseReview() reads ${name}, and policies see its object`, () => {
    const review = parseReview(readReview(name));
    for (const [field, value] of Object.entries(request)) {
      assert.deepEqual(review[field as keyof ReviewRequest], value, field);
    }
    assert.deepEqual(review.kind, { group: '', version: 'v1', kind: 'Pod' });
    assert.deepEqual(review.requestResource, { group: '', version: 'v1', resource: 'pods' });
    const subject = toResourceSubject(review);
    assert.deepEqual(
      imagesOfPods(subject).images.map(({ image }) => image),
      images,
    );
    assert.equal(subject.subresource, review.subResource);
    assert.deepEqual({ uid: '', extra: {}, ...subject.user }, review.userInfo);
    assert.deepEqual([subject.resource, subject.dryRun], ['pods', review.dryRun]);
    const { oldObject } = subject;
    const old = oldObject === undefined ? undefined : imagesOfPods({ ...subject, object: oldObject });
    assert.deepEqual(
      old?.images.map(({ image }) => image),
      oldImages,
    );
  });
}

test('parseReview() reads who asks, and takes what is absent for empty', () => {
  const { userInfo, options } = parseReview(readReview('create-pod'));
  assert.deepEqual(userInfo, {
    username: 'kubernetes-admin',
    uid: '',
    groups: ['kubeadm:cluster-admins', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=0f9a'] },
  });
  assert.equal(options?.['kind'], 'CreateOptions');
  const bare = parseReview(
    edited((request) => {
      for (const name of ['requestKind', 'requestResource', 'options', 'dryRun', 'namespace']) delete request[name];
      request['userInfo'] = {};
    }),
  );
  assert.deepEqual(bare.requestKind, bare.kind);
  assert.deepEqual(bare.requestResource, bare.resource);
  assert.deepEqual([bare.options, bare.dryRun, bare.namespace], [undefined, false, '']);
  assert.deepEqual(bare.userInfo, { username: '', uid: '', groups: [], extra: {} });
});

test('policies see what the API server tells of a request besides its object', () => {
  const review = parseReview(
    edited((request) => {
      const { userInfo } = request as { userInfo: object };
      request['userInfo'] = { ...userInfo, uid: 'u-1' };
      request['requestKind'] = { group: 'extensions', version: 'v1beta1', kind: 'Pod' };
      request['dryRun'] = true;
    }),
  );
  const fields = requestFields(toResourceSubject(review));
  assert.equal(fields['uid'], review.uid);
  assert.deepEqual(fields['resource'], { group: '', version: 'v1', resource: 'pods' });
  assert.deepEqual(fields['requestKind'], { group: 'extensions', version: 'v1beta1', kind: 'Pod' });
  assert.deepEqual(fields['requestResource'], { group: '', version: 'v1', resource: 'pods' });
  assert.deepEqual([fields['subResource'], fields['requestSubResource'], fields['dryRun']], ['', '', true]);
  assert.deepEqual(fields['options'], review.options);
  assert.deepEqual(fields['userInfo'], review.userInfo);
});

test('parseReview() keeps what the client asked for apart from what it was turned into', () => {
  const old = { group: 'extensions', version: 'v1beta1' };
  const review = parseReview(
    edited((request) => {
      request['requestKind'] = { ...old, kind: 'Pod' };
      request['requestResource'] = { ...old, resource: 'pods' };
      request['requestSubResource'] = 'status';
    }),
  );
  assert.deepEqual(review.requestKind, { ...old, kind: 'Pod' });
  assert.deepEqual(review.requestResource, { ...old, resource: 'pods' });
  assert.deepEqual([review.kind.group, review.subResource, review.requestSubResource], ['', '', 'status']);
});

function edited(edit: (request: Record<string, unknown>) => void): Buffer {
  const review = JSON.parse(readReview('create-pod').toString()) as { request: Record<string, unknown> };
  edit(review.request);
  return Buffer.from(JSON.stringify(review));
}

const set =
  (name: string, value: unknown) =>
  (request: Record<string, unknown>): void => {
    request[name] = value;
  };

const refused: readonly (readonly [what: string, bytes: Buffer, code: AdmissionErrorCode, words: RegExp])[] = [
  ['no JSON', Buffer.from('review'), 'REVIEW_MALFORMED', /is not JSON/],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'REVIEW_MALFORMED', /not UTF-8/],
  ['a list', Buffer.from('[]'), 'REVIEW_MALFORMED', /no JSON object/],
  ['nothing', Buffer.alloc(0), 'REVIEW_MALFORMED', /is not JSON/],
  [
    'another kind',
    Buffer.from('{"kind":"Pod","apiVersion":"admission.k8s.io/v1"}'),
    'REVIEW_MALFORMED',
    /no AdmissionReview/,
  ],
  [
    'an old version',
    Buffer.from('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}'),
    'REVIEW_UNSUPPORTED',
    /admissionReviewVersions/,
  ],
  [
    'no request',
    Buffer.from('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'),
    'REVIEW_MALFORMED',
    /request is no object/,
  ],
  ['a name twice', Buffer.from('{"a":1,"a":2}'), 'REVIEW_MALFORMED', /name "a" twice/],
  ['a deep object', Buffer.from('['.repeat(201)), 'REVIEW_TOO_LARGE', /200 levels/],
  ['a large one', Buffer.alloc(8_388_609, ' '), 'REVIEW_TOO_LARGE', /8388608 bytes/],
  ['no uid', edited(set('uid', undefined)), 'REVIEW_MALFORMED', /request\.uid is no text/],
  ['an empty uid', edited(set('uid', '')), 'REVIEW_MALFORMED', /request\.uid is empty/],
  ['a long uid', edited(set('uid', 'x'.repeat(1025))), 'REVIEW_MALFORMED', /1024 characters/],
  ['no kind', edited(set('kind', 'Pod')), 'REVIEW_MALFORMED', /request\.kind is no object/],
  [
    'half a resource',
    edited(set('resource', { group: '', version: 'v1' })),
    'REVIEW_MALFORMED',
    /request\.resource\.resource/,
  ],
  ['a strange operation', edited(set('operation', 'PATCH')), 'REVIEW_MALFORMED', /none of CREATE, UPDATE/],
  [
    'a creation of nothing',
    edited(set('object', null)),
    'REVIEW_MALFORMED',
    /request\.object is missing from a CREATE/,
  ],
  ['a deletion of nothing', edited(set('operation', 'DELETE')), 'REVIEW_MALFORMED', /request\.oldObject is missing/],
  ['a list as object', edited(set('object', [])), 'REVIEW_MALFORMED', /request\.object is no object/],
  ['a text as dryRun', edited(set('dryRun', 'no')), 'REVIEW_MALFORMED', /request\.dryRun/],
  ['groups that are no texts', edited(set('userInfo', { groups: [1] })), 'REVIEW_MALFORMED', /userInfo\.groups/],
  ['no user', edited(set('userInfo', undefined)), 'REVIEW_MALFORMED', /userInfo is no object/],
];

for (const [what, bytes, code, words] of refused) {
  test(`parseReview() refuses ${what}`, () => {
    assert.throws(
      () => parseReview(bytes),
      (error: unknown) => error instanceof AdmissionError && error.code === code && words.test(error.message),
    );
  });
}

test('parseReview() survives whatever is sent to it', () => {
  assertSurvives(reviewNames.map(readReview), parseReview, (review) => {
    assert.ok(review.uid.length > 0);
    assert.equal(typeof toResourceSubject(review).object, 'object');
  });
});
