import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { cpuLimit, cpuRequest, memoryLimit, memoryRequest } from './resources.ts';

const resources = (kind: string, value: string): string => `resources:\n  ${kind}: ${value}`;

testCheck(cpuLimit, 'container', [
  ['millis', resources('limits', '{cpu: 500m}')],
  ['a whole number', resources('limits', '{cpu: 2}')],
  ['a fraction', resources('limits', '{cpu: 0.5}')],
  ['no resources', 'image: x', '6-7'],
  ['a limit of memory', resources('limits', '{memory: 1Gi}'), '6-8'],
  ['a request', resources('requests', '{cpu: 1}'), '6-8'],
  ['null', resources('limits', '{cpu: null}'), '6-8'],
  ['zero, which is no limit', resources('limits', '{cpu: 0}'), '8'],
  ['zero in other words', resources('limits', '{cpu: "0m"}'), '8'],
  ['what is no quantity', resources('limits', '{cpu: plenty}'), '8'],
  ['less than nothing', resources('limits', '{cpu: -1}'), '8'],
  ['a map', resources('limits', '{cpu: {a: 1}}'), '8'],
]);
testCheck(cpuLimit, 'pod', [
  ['a Pod that limits all of its containers', 'resources: {limits: {cpu: 1}}\ncontainers: [{name: a}]'],
  ['an ephemeral container, which can have none', 'ephemeralContainers: [{name: a}]'],
  ['an init container', 'initContainers: [{name: a}]', '5'],
]);
testCheck(cpuRequest, 'container', [
  ['a request', resources('requests', '{cpu: 100m}')],
  ['a request of nothing, which is one', resources('requests', '{cpu: 0}')],
  ['a limit', resources('limits', '{cpu: 1}'), '6-8'],
]);
testCheck(memoryRequest, 'container', [
  ['a request', resources('requests', '{memory: 100Mi}')],
  ['a request of CPU', resources('requests', '{cpu: 1}'), '6-8'],
  ['what is no quantity', resources('requests', '{memory: 100MB}'), '8'],
]);
testCheck(memoryLimit, 'container', [
  ['a limit', resources('limits', '{memory: 1e9}')],
  ['a request', resources('requests', '{memory: 1Gi}'), '6-8'],
]);
