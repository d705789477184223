import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { hostPort, lowPort } from './ports.ts';

testCheck(hostPort, 'container', [
  ['a port of the container', 'ports: [{containerPort: 8080}]'],
  ['a port of the node', 'ports:\n  - containerPort: 8080\n    hostPort: 80', '9'],
  ['two of them', 'ports:\n  - hostPort: 80\n  - hostPort: 81', '8', '9'],
  ['zero, which is none', 'ports: [{hostPort: 0}]'],
  ['a text', 'ports: [{hostPort: "80"}]'],
  ['ports that are no list', 'ports: {hostPort: 80}'],
]);
testCheck(lowPort, 'container', [
  ['1024', 'ports: [{containerPort: 1024}]'],
  ['1023', 'ports:\n  - containerPort: 1023', '8'],
  ['a low port of the node', 'ports: [{containerPort: 8080, hostPort: 80}]'],
  ['null', 'ports: [{containerPort: null}, null, 3]'],
]);
