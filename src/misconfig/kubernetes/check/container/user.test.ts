import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { isRoot, lowGroup, lowUser, mayBeRoot } from './user.ts';

const both = (pod: string, container: string): string =>
  `securityContext: ${pod}\ncontainers:\n  - name: a\n    securityContext: ${container}`;

testCheck(mayBeRoot, 'pod', [
  ['the container', both('{}', '{runAsNonRoot: true}')],
  ['the Pod', both('{runAsNonRoot: true}', '{}')],
  ['nobody', both('{}', '{}'), '7-8'],
  ['a container that takes back what its Pod says', both('{runAsNonRoot: true}', '{runAsNonRoot: false}'), '8'],
  ['a container that says nothing of it', both('{runAsNonRoot: true}', '{runAsNonRoot: null}')],
  ['a text', both('{runAsNonRoot: "true"}', '{}'), '5'],
  ['a user, since the image may still be anything', both('{runAsUser: 1000}', '{}'), '7-8'],
]);
testCheck(lowUser, 'pod', [
  ['the container', both('{}', '{runAsUser: 10001}')],
  ['the Pod', both('{runAsUser: 20000}', '{}')],
  ['ten thousand', both('{}', '{runAsUser: 10000}'), '8'],
  ['nobody', both('{}', '{}'), '7-8'],
  ['the container against its Pod', both('{runAsUser: 20000}', '{runAsUser: 0}'), '8'],
  ['a text', both('{}', '{runAsUser: "20000"}'), '8'],
  ['the Pod with a low one', both('{runAsUser: 5}', '{}'), '5'],
]);
testCheck(lowGroup, 'pod', [
  ['the Pod', both('{runAsGroup: 20000}', '{}')],
  ['a user', both('{runAsUser: 20000}', '{}'), '7-8'],
  ['a low one', both('{}', '{runAsGroup: 1}'), '8'],
]);
testCheck(isRoot, 'pod', [
  ['nobody', both('{}', '{}')],
  ['another user', both('{}', '{runAsUser: 1}')],
  ['the container', both('{}', '{runAsUser: 0}'), '8'],
  ['the Pod', both('{runAsUser: 0}', '{}'), '5'],
  ['a container that is another user', both('{runAsUser: 0}', '{runAsUser: 7}')],
  ['false, which is no number', both('{}', '{runAsUser: false}')],
]);
